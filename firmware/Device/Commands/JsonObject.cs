using System.Collections;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Reads one flat JSON object (RFC 8259) of strings, whole numbers, true, false and null. Our own, and not the
    /// platform's JsonConvert, because that needs a class per command and reflection over it, throws on what people
    /// mistype, and takes a missing member for zero; here a handler sees what was said and can say what is allowed.
    /// Nested values and fractions are refused: no argument of ours needs them.
    /// </summary>
    internal sealed partial class JsonObject
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
    }
}
