using System.Text;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

public class WireTests
{
    [Theory]
    [InlineData(0ul, "00")]
    [InlineData(127ul, "7F")]
    [InlineData(128ul, "8001")]
    [InlineData(300ul, "AC02")]
    [InlineData(ulong.MaxValue, "FFFFFFFFFFFFFFFFFF01")]
    public void A_varint_is_written_and_read_as_LEB128(ulong value, string hex)
    {
        var writer = new WireWriter(16);
        writer.Varint(value);

        Assert.Equal(hex, Convert.ToHexString(writer.ToArray()));
        Assert.Equal(value, Reader(hex).Varint());
    }

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(-1L, "01")]
    [InlineData(1L, "02")]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void A_signed_varint_is_zigzag(long value, string hex)
    {
        var writer = new WireWriter(16);
        writer.Svarint(value);

        Assert.Equal(hex, Convert.ToHexString(writer.ToArray()));
        Assert.Equal(value, Reader(hex).Svarint());
    }

    [Theory]
    [InlineData("8000", 0ul)]
    [InlineData("81808000", 1ul)]
    public void A_varint_longer_than_it_needs_is_accepted(string hex, ulong value)
    {
        Assert.Equal(value, Reader(hex).Varint());
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("8080808080808080808001")]
    [InlineData("80")]
    [InlineData("")]
    public void A_varint_over_64_bits_or_cut_short_is_refused(string hex)
    {
        var reader = Reader(hex);

        Assert.Equal(0ul, reader.Varint());
        Assert.True(reader.Failed);
    }

    [Theory]
    [InlineData("02C3A4", true)]
    [InlineData("03E282AC", true)]
    [InlineData("04F09F8CA1", true)]
    [InlineData("02C0AF", false)] // overlong
    [InlineData("03EDA080", false)] // surrogate
    [InlineData("04F4908080", false)] // above U+10FFFF
    [InlineData("01C3", false)] // cut
    [InlineData("0180", false)] // continuation alone
    [InlineData("05C3A4", false)] // longer than the message
    public void Strings_are_strict_UTF_8(string hex, bool accepted)
    {
        var reader = Reader(hex);
        var text = reader.Str();

        Assert.Equal(accepted, reader.Complete);
        if (accepted)
            Assert.Equal(Encoding.UTF8.GetString(Convert.FromHexString(hex)[1..]), text);
    }

    [Fact]
    public void A_name_has_1_to_64_bytes_and_no_control_characters()
    {
        Assert.True(NameIsTaken(new string('a', 64)));
        Assert.False(NameIsTaken(new string('a', 65)));
        Assert.False(NameIsTaken(new string('ä', 33)));
        Assert.False(NameIsTaken(""));
        Assert.False(NameIsTaken("a\nb"));
        Assert.False(NameIsTaken("a\u0085b"));
    }

    [Fact]
    public void A_write_over_the_buffer_is_flagged_and_changes_nothing_behind_it()
    {
        var writer = new WireWriter(3);
        writer.U16(1);
        writer.U16(2);

        Assert.True(writer.Overflowed);
        Assert.Equal(3, writer.Length);
    }

    [Fact]
    public void The_CRC_is_that_of_ISO_HDLC()
    {
        var check = Encoding.ASCII.GetBytes("..123456789");

        Assert.Equal(0xCBF43926u, Crc32.Compute(check, 2, 9));
    }

    private static bool NameIsTaken(string name)
    {
        var writer = new WireWriter(256);
        writer.Str(name);
        var reader = new WireReader();
        reader.Reset(writer.Buffer, 0, writer.Length);
        return reader.Name() == name && reader.Complete;
    }

    private static WireReader Reader(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var reader = new WireReader();
        reader.Reset(bytes, 0, bytes.Length);
        return reader;
    }
}
