using System.Reflection;
using System.Runtime.InteropServices;

[assembly: AssemblyTitle("IoTGateway.Device")]
[assembly: AssemblyProduct("IoT Gateway")]
[assembly: AssemblyCopyright("The IoT Gateway authors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: ComVisible(false)]
