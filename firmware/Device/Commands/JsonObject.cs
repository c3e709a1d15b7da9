using System.Collections;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Reads one flat JSON object (RFC 8259) of strings, whole numbers, true, false and null. Our own, and not the
    /// platform's JsonConvert, because that needs a class per command and reflection over it, throws on what people
    /// mistype, and takes a missing member for zero; here a handler sees what was said and can say what is allowed.
    /// Nested values and fractions are refused, since no argument of ours needs them; settings may have fractions, and
    /// objects one level deep.
    /// </summary>
    internal sealed partial class JsonObject
    {
        private readonly string _text;
        private readonly Hashtable _members = new Hashtable();
        private readonly int _deeper;
        private readonly bool _takesFractions;
        private int _at;

        private JsonObject(string text, int at, int deeper, bool takesFractions)
        {
            _text = text;
            _at = at;
            _deeper = deeper;
            _takesFractions = takesFractions;
        }

        public int Count
        {
            get { return _members.Count; }
        }

        /// <summary>Null when the text is not such an object.</summary>
        public static JsonObject Parse(string text)
        {
            JsonObject parsed = new JsonObject(text, 0, 0, false);
            return parsed.TryReadObject() && parsed.AtEnd() ? parsed : null;
        }

        /// <summary>The same for settings: fractions, and objects one level deep.</summary>
        public static JsonObject ParseNested(string text)
        {
            JsonObject parsed = new JsonObject(text, 0, 1, true);
            return parsed.TryReadObject() && parsed.AtEnd() ? parsed : null;
        }

        /// <summary>What a command without arguments takes: nothing, or an object with nothing in it.</summary>
        public static bool IsEmpty(string text)
        {
            if (text.Length == 0)
                return true;

            JsonObject given = Parse(text);
            return given != null && given.Count == 0;
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

        public bool TryGetDouble(string name, out double value)
        {
            object found = _members[name];
            value = found is double ? (double)found : 0;
            if (found is long)
                value = (long)found;
            return found is double || found is long;
        }

        /// <summary>Null when the member is no object.</summary>
        public JsonObject Object(string name)
        {
            return _members[name] as JsonObject;
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
                return true;

            do
            {
                SkipSpace();
                string name;
                object value;
                if (!TryReadString(out name) || !Skip(':') || !TryReadValue(out value) || _members.Contains(name))
                    return false;
                _members[name] = value;
            } while (Skip(','));

            return Skip('}');
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

            if (_text[_at] == '{' && _deeper > 0)
            {
                JsonObject nested = new JsonObject(_text, _at, _deeper - 1, _takesFractions);
                bool whole = nested.TryReadObject();
                _at = nested._at;
                value = nested;
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

            int start = _at;
            long number;
            if (TryReadNumber(out number))
            {
                value = number;
                return true;
            }

            double fraction = 0;
            _at = start;
            bool read = _takesFractions && TryReadFraction(out fraction);
            value = read ? fraction : 0.0;
            return read;
        }
    }
}
