namespace IoTGateway.Journal;

/// <summary>A place in the journal: bytes since the journal began. Offsets are never used twice.</summary>
internal readonly record struct JournalOffset(long Value) : IComparable<JournalOffset>
{
    public int CompareTo(JournalOffset other) => Value.CompareTo(other.Value);

    public static bool operator <(JournalOffset left, JournalOffset right) => left.Value < right.Value;

    public static bool operator >(JournalOffset left, JournalOffset right) => left.Value > right.Value;

    public static bool operator <=(JournalOffset left, JournalOffset right) => left.Value <= right.Value;

    public static bool operator >=(JournalOffset left, JournalOffset right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString();
}
