using System.Text;

namespace IoTGateway.Device.Commands
{
    internal sealed partial class JsonObject
    {
        private bool TryReadNumber(out long number)
        {
            number = 0;
            bool negative = _text[_at] == '-';
            if (negative)
                _at++;
            int first = _at;
            while (_at < _text.Length && _text[_at] >= '0' && _text[_at] <= '9')
            {
                // 18 digits always fit; nothing we ask for comes near.
                if (_at - first == 18)
                    return false;
                number = number * 10 + (_text[_at++] - '0');
            }

            if (_at == first || (_text[first] == '0' && _at - first > 1))
                return false;
            if (negative)
                number = -number;
            return _at == _text.Length || ".eE".IndexOf(_text[_at]) < 0;
        }

        /// <summary>Digits, a point, digits: as people write a threshold. No exponents.</summary>
        private bool TryReadFraction(out double number)
        {
            number = 0;
            bool negative = _text[_at] == '-';
            if (negative)
                _at++;
            int first = _at;
            double scale = 1;
            bool pointed = false;
            for (; _at < _text.Length && _at - first < 18; _at++)
            {
                char c = _text[_at];
                if (c == '.' && !pointed && _at > first)
                {
                    pointed = true;
                    continue;
                }

                if (c < '0' || c > '9')
                    break;
                number = number * 10 + (c - '0');
                scale *= pointed ? 10 : 1;
            }

            number /= negative ? -scale : scale;
            return pointed && _text[_at - 1] != '.' && (_at == _text.Length || ".eE0123456789".IndexOf(_text[_at]) < 0);
        }

        private bool TryReadString(out string value)
        {
            value = "";
            if (_at == _text.Length || _text[_at] != '"')
                return false;

            StringBuilder read = new StringBuilder();
            for (_at++; _at < _text.Length; _at++)
            {
                char c = _text[_at];
                if (c == '"')
                {
                    _at++;
                    value = read.ToString();
                    return true;
                }

                if (c < ' ' || (c == '\\' && !TryReadEscape(out c)))
                    return false;
                read.Append(c);
            }

            return false;
        }

        private bool TryReadEscape(out char c)
        {
            c = '\0';
            if (++_at == _text.Length)
                return false;

            int known = "\"\\/bfnrt".IndexOf(_text[_at]);
            if (known >= 0)
            {
                c = "\"\\/\b\f\n\r\t"[known];
                return true;
            }

            if (_text[_at] != 'u' || _text.Length - _at < 5)
                return false;

            int code = 0;
            for (int i = 0; i < 4; i++)
            {
                int digit = "0123456789abcdef".IndexOf(_text[++_at].ToString().ToLower());
                if (digit < 0)
                    return false;
                code = (code << 4) | digit;
            }

            c = (char)code;
            return true;
        }

        private bool Skip(char expected)
        {
            SkipSpace();
            if (_at == _text.Length || _text[_at] != expected)
                return false;

            _at++;
            return true;
        }

        private bool SkipWord(string word)
        {
            if (_text.Length - _at < word.Length || _text.Substring(_at, word.Length) != word)
                return false;

            _at += word.Length;
            return true;
        }

        private bool AtEnd()
        {
            SkipSpace();
            return _at == _text.Length;
        }

        private void SkipSpace()
        {
            while (_at < _text.Length && " \t\r\n".IndexOf(_text[_at]) >= 0)
                _at++;
        }
    }
}
