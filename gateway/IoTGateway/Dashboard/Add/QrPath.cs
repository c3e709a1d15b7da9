using System.Text;
using QRCoder;

namespace IoTGateway.Dashboard.Add;

/// <summary>A QR code as one SVG path.</summary>
internal static class QrPath
{
    /// <returns>The path, and the width of the square it fills.</returns>
    public static (string Path, int Size) Of(string text)
    {
        using var code = new QRCodeGenerator().CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < modules.Count; y++)
        {
            for (var x = 0; x < modules[y].Count; x++)
            {
                if (modules[y][x])
                    path.Append('M').Append(x).Append(' ').Append(y).Append("h1v1h-1z");
            }
        }
        return (path.ToString(), modules.Count);
    }
}
