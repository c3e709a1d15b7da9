using System.Buffers;
using System.Text;

namespace IoTGateway.Mqtt;

/// <summary>Topic names and filters (MQTT 5.0 §4.7).</summary>
public static class MqttTopic
{
    private const int MostBytes = 65_535;

    // §4.7.1: separators and wildcards. §1.5.4: null must not be there, other control characters should not.
    private static readonly SearchValues<char> Special = SearchValues.Create(['/', '+', '#']);

    /// <summary>Makes any text one level of a topic: what a level cannot hold becomes an underscore.</summary>
    public static string Level(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            return "_";
        var level = new StringBuilder(text.Length);
        foreach (var c in text.EnumerateRunes())
        {
            var isBad = c.IsBmp && (Special.Contains((char)c.Value) || char.IsControl((char)c.Value));
            level.Append(isBad ? "_" : c.ToString());
        }
        return level.ToString();
    }

    /// <summary>A name that a message can be published to.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, or has a wildcard or a null.</exception>
    public static void Check(string topic)
    {
        CheckText(topic);
        if (topic.AsSpan().ContainsAny('+', '#'))
            throw new ArgumentException($"'{topic}' has a wildcard: it is a filter, no topic.", nameof(topic));
    }

    /// <summary>A filter that can be subscribed: a wildcard stands alone in its level, # at the end (§4.7.1).</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static void CheckFilter(string filter)
    {
        CheckText(filter);
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i];
            var isWrong = level.Length > 1 && level.AsSpan().ContainsAny('+', '#');
            if (isWrong || (level == "#" && i < levels.Length - 1))
                throw new ArgumentException($"'{filter}' has a wildcard out of place.", nameof(filter));
        }
    }

    /// <summary>Whether a filter asks for a topic (§4.7).</summary>
    /// <param name="filter">With wildcards, where it has some.</param>
    /// <param name="topic">Without.</param>
    public static bool Matches(string filter, string topic)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(topic);
        var (wanted, given) = (filter.Split('/'), topic.Split('/'));
        // §4.7.2: what begins with $ is not for wildcards in front.
        if (topic.StartsWith('$') && wanted[0] != given[0])
            return false;
        for (var level = 0; level < wanted.Length; level++)
        {
            // §4.7.1.2: # is its parent as well.
            if (wanted[level] == "#")
                return true;
            if (level == given.Length || (wanted[level] != "+" && wanted[level] != given[level]))
                return false;
        }
        return wanted.Length == given.Length;
    }

    private static void CheckText(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        if (topic.Contains('\0') || Encoding.UTF8.GetByteCount(topic) > MostBytes)
            throw new ArgumentException("A topic has at most 65,535 bytes and no null character.", nameof(topic));
    }
}
