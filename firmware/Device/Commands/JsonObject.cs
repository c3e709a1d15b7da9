using System.Collections;
using System.Text;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Reads one flat JSON object (RFC 8259) of strings, whole numbers, true, false and null. Our own, and not the
    /// platform's JsonConvert, because that needs a class per command and reflection over it, throws on what people
    /// mistype, and takes a missing member for zero; here a handler sees what was said and can say what is allowed.
    /// Nested values and fractions are refused: no argument of ours needs them.
    /// </summary>
    internal sealed class JsonObject
    {
        private readonly string _text;
        private readonly Hashtable _members = new Hashtable();
        private int _at;

        private JsonObject(string text)
        {
            _text = text;
        }

        public int Count
        {
            get { return _members.Count; }
        }

        /// <summary>Null when the text is not such an object.</summary>
        public static JsonObject Parse(string text)
        {
            JsonObject parsed = new JsonObject(text);
            return parsed.TryReadObject() ? parsed : null;
        }

        public bool Has(string name)
        {
            return _members.Contains(name);
        }

        public bool TryGetBool(string name, out bool value)
        {
            object found = _members[name];
            value = found is bool && (bool)found;
            return found is bool;
        }

        public bool TryGetLong(string name, out long value)
        {
            object found = _members[name];
            value = found is long ? (long)found : 0;
            return found is long;
        }

        public bool TryGetString(string name, out string value)
        {
            value = _members[name] as string;
            return value != null;
        }

        private bool TryReadObject()
        {
            if (!Skip('{'))
                return false;
            if (Skip('}'))
                return AtEnd();

            do
            {
                SkipSpace();
                string name;
                object value;
                if (!TryReadString(out name) || !Skip(':') || !TryReadValue(out value) || _members.Contains(name))
                    return false;
                _members[name] = value;
            } while (Skip(','));

            return Skip('}') && AtEnd();
        }

        private bool TryReadValue(out object value)
        {
            SkipSpace();
            value = null;
            if (_at == _text.Length)
                return false;
            if (_text[_at] == '"')
            {
                string text;
                bool whole = TryReadString(out text);
                value = text;
                return whole;
            }

            if (SkipWord("null"))
                return true;
            if (SkipWord("true"))
            {
                value = true;
                return true;
            }

            if (SkipWord("false"))
            {
                value = false;
                return true;
            }

            long number;
            bool read = TryReadNumber(out number);
            value = number;
            return read;
        }

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
