using System.Text;

namespace IoTGateway.Device.Commands
{
    /// <summary>The little JSON a device writes.</summary>
    internal static class JsonText
    {
        private const string Hex = "0123456789abcdef";

        public static string Error(string message)
        {
            return "{\"error\":" + Quote(message) + "}";
        }

        public static string Quote(string text)
        {
            StringBuilder quoted = new StringBuilder();
            quoted.Append('"');
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                if (c == '"' || c == '\\')
                {
                    quoted.Append('\\');
                    quoted.Append(c);
                }
                else if (c < ' ')
                {
                    quoted.Append("\\u00");
                    quoted.Append(Hex[c >> 4]);
                    quoted.Append(Hex[c & 0x0F]);
                }
                else
                {
                    quoted.Append(c);
                }
            }

            quoted.Append('"');
            return quoted.ToString();
        }
    }
}
