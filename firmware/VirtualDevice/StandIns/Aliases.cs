// Where .NET has a type of the same name as nanoFramework, the stand-in must win in the firmware's files, which say
// only `using System.IO;`. An alias does: it takes precedence over every using of a namespace.
global using ClientWebSocket = IoTGateway.VirtualDevice.StandIns.ClientWebSocket;
global using ClientWebSocketHeaders = IoTGateway.VirtualDevice.StandIns.ClientWebSocketHeaders;
global using ClientWebSocketOptions = IoTGateway.VirtualDevice.StandIns.ClientWebSocketOptions;
global using Console = IoTGateway.VirtualDevice.StandIns.Console;
global using File = IoTGateway.VirtualDevice.StandIns.File;
global using GC = IoTGateway.VirtualDevice.StandIns.GC;
global using MessageReceivedEventArgs = IoTGateway.VirtualDevice.StandIns.MessageReceivedEventArgs;
global using NetworkStream = IoTGateway.VirtualDevice.StandIns.NetworkStream;
global using Socket = IoTGateway.VirtualDevice.StandIns.Socket;
global using SslStream = IoTGateway.VirtualDevice.StandIns.SslStream;
global using WebSocketCloseStatus = System.Net.WebSockets.WebSocketFrame.WebSocketCloseStatus;
global using WebSocketMessageType = System.Net.WebSockets.WebSocketFrame.WebSocketMessageType;
global using WebSocketState = System.Net.WebSockets.WebSocketFrame.WebSocketState;
global using X509Certificate = IoTGateway.VirtualDevice.StandIns.X509Certificate;
