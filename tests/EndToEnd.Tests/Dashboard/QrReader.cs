using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using ZXing;
using ZXing.Common;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Reads the QR code of a page, as a phone does, with a decoder that knows nothing of what drew it.</summary>
internal static partial class QrReader
{
    private const int PixelsPerModule = 4;

    public static async Task<string> ReadAsync(IPage page)
    {
        var code = page.Locator("svg.qr");
        var box = await code.GetAttributeAsync("viewBox") ?? string.Empty;
        var size = int.Parse(box.Split(' ')[^1], CultureInfo.InvariantCulture) * PixelsPerModule;
        var pixels = new byte[size * size];
        Array.Fill(pixels, byte.MaxValue);
        var path = await code.Locator("path").GetAttributeAsync("d") ?? string.Empty;
        foreach (Match module in Module().Matches(path))
        {
            var x = int.Parse(module.Groups["x"].ValueSpan, CultureInfo.InvariantCulture) * PixelsPerModule;
            var y = int.Parse(module.Groups["y"].ValueSpan, CultureInfo.InvariantCulture) * PixelsPerModule;
            for (var row = y; row < y + PixelsPerModule; row++)
                pixels.AsSpan((row * size) + x, PixelsPerModule).Clear();
        }
        var reader = new BarcodeReaderGeneric
        {
            Options = new DecodingOptions { PossibleFormats = [BarcodeFormat.QR_CODE] },
        };
        var read = reader.Decode(pixels, size, size, RGBLuminanceSource.BitmapFormat.Gray8);
        Assert.NotNull(read);
        return read.Text;
    }

    [GeneratedRegex(@"M(?<x>\d+) (?<y>\d+)h1v1h-1z", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Module();
}
