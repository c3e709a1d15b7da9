using System.Text.RegularExpressions;

namespace Firmware.Tests.Fence;

/// <summary>The fence itself: it catches each thing it is there for, and nothing else.</summary>
public sealed partial class FenceTests
{
    private static readonly AllowedApi Allowed = AllowedApi.Load();

    /// <summary>Rule, and the body of a class that breaks it.</summary>
    public static TheoryData<string, string> Forbidden =>
        new()
        {
            { "C# 9", "namespace Own; class C { }" },
            { "C# 9", "global using System; class C { }" },
            { "C# 9", "record struct P(int X);" },
            { "C# 9", """class C { string S = $$"{\"a\":{{1}}}"; }""".Replace("\\\"", "'") },
            { "C# 9", "class C(int x) { int Y = x; }" },
            { "C# 9", "class C { int[] A = [1, 2]; }" },
            { "C# 9", "class C { required public int X { get; set; } }" },
            { "C# 9", "class C { void M() { var f = () => 1; } }" },
            { "C# 9", "class C { void M() { Thread.Sleep(1); } }" },
            { "own generics", "class Box<T> { }" },
            { "own generics", "class C { void M<T>(T t) { } }" },
            { "own generics", "delegate void D<T>(T t);" },
            { "generics", "class C { System.Collections.Generic.List<int> L; }" },
            { "generics", "class C { System.Action<int> A; }" },
            { "generics", "class C { System.Func<int> F; }" },
            { "generics", "class C { System.Span<byte> M(byte[] b) { return b; } }" },
            { "generics", "class C { System.Memory<byte> M; }" },
            { "generics", "class C { void M(int[] a) { System.Array.IndexOf(a, 1); } }" },
            { "generics", "class C { object M(int[] a) { return System.Array.Empty<int>(); } }" },
            { "generics", "class C { void M() { var t = System.Threading.Tasks.Task.FromResult(1); } }" },
            { "async", "class C { async void M() { await System.Threading.Tasks.Task.Delay(1); } }" },
            { "async", "class C { async void M() { } }" },
            { "async", "class C { void M() { System.Action a = async () => { }; } }" },
            { "async", "class C { void M() { async void F() { } F(); } }" },
            { "LINQ", "using System.Linq; class C { object M(int[] a) { return from x in a select x; } }" },
            { "generics", "using System.Linq; class C { int M(int[] a) { return a.First(); } }" },
            { "tuples", "class C { (int, int) M() { return (1, 2); } }" },
            { "tuples", "class C { void M() { var (a, b) = (1, 2); } }" },
            { "nullable", "class C { int? N; }" },
            { "yield", "class C { System.Collections.IEnumerable M() { yield return 1; } }" },
            { "records", "record R { }" },
            { "records", "record R { public int X; } class C { R M(R r) { return r with { X = 1 }; } }" },
            { "index and range", "class C { int M(int[] a) { return a[^1]; } }" },
            { "index and range", "class C { string M(string s) { return s[1..]; } }" },
            { "decimal", "class C { decimal D; }" },
            { "decimal", "class C { void M() { var d = 1m; } }" },
            { "multi-dimensional arrays", "class C { int[,] A; }" },
            { "multi-dimensional arrays", "class C { object A = new int[2, 2]; }" },
            { "anonymous types", "class C { object A = new { X = 1 }; }" },
            { "stackalloc", "class C { unsafe void M() { byte* b = stackalloc byte[4]; } }" },
            { "unsafe", "class C { unsafe int* P; }" },
            { "dynamic", "class C { void M(dynamic d) { d.X(); } }" },
            { "native integers", "class C { nint M(nint n) { return n; } }" },
            { "static state", "class C { static int Count; }" },
            { "static state", "class C { static int Count { get; set; } }" },
            { "static state", "class C { static event System.EventHandler E; }" },
            { "default interface members", "interface I { int M() { return 1; } }" },
            { "default interface members", "interface I { static int M() { return 1; } }" },
            {
                "covariant returns",
                "class B { public virtual object M() { return null; } } class D : B { public override string M() { return null; } }"
            },
            { "format", "class C { string M(double d) { return $\"{d:0.00}\"; } }" },
            { "format", "class C { string M(double d) { return $\"{d:E3}\"; } }" },
            { "format", "class C { string M(int d) { return $\"{d,8}\"; } }" },
            { "format", "class C { string M(int d) { return d.ToString(\"#,0\"); } }" },
            { "format", "class C { string M(int d) { return string.Format(\"{0:P1}\", d); } }" },
            { "not on the board", "class C { string M(string s) { return s.Replace(\"a\", \"b\"); } }" },
            { "not on the board", "class C { string M(string[] s) { return string.Join(\",\", s); } }" },
            { "not on the board", "class C { bool M(string s) { return s.Contains('a'); } }" },
            { "not on the board", "class C { bool M(string s) { return string.IsNullOrWhiteSpace(s); } }" },
            { "not on the board", "class C { object M(string s) { return s.Split(\", \"); } }" },
            {
                "not on the board",
                "class C { object M(string s) { return s.Split(',', System.StringSplitOptions.TrimEntries); } }"
            },
            { "not on the board", "class C { object M() { return System.DateTime.Now; } }" },
            { "not on the board", "class C { object M(System.DateTime d) { return d.AddMonths(1); } }" },
            {
                "not on the board",
                "class C { long M() { return System.DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); } }"
            },
            { "not on the board", "class C { int M(string s) { return System.Text.Encoding.UTF8.GetByteCount(s); } }" },
            { "not on the board", "class C { object M(byte[] b) { return System.Text.Encoding.ASCII; } }" },
            { "not on the board", "class C { object M() { return System.TimeSpan.FromSeconds(1.5); } }" },
            {
                "not on the board",
                "class C { object M(byte[] b) { return System.Security.Cryptography.SHA256.Create(); } }"
            },
            { "not on the board", "class C { void M(System.Device.Gpio.PinValue v) { var x = v.IsHigh; } }" },
            { "not on the board", "class C { [System.ThreadStatic] const int X = 1; }" },
            { "not on the board", "class C : System.ICloneable { public object Clone() { return this; } }" },
            { "not on the board", "class C { bool M(System.Version a, System.Version b) { return a > b; } }" },
            {
                "not on the board",
                "class C { void M(System.Collections.SortedList l) { foreach (object o in l) { } } }"
            },
        };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void What_the_board_does_not_take_is_caught(string rule, string code)
    {
        var findings = LanguageFence.Inspect(FirmwareSource.Snippet(code), Allowed).Findings;
        Assert.True(
            findings.Any(finding => finding.Rule == rule),
            $"no '{rule}' in: {code}\n{string.Join('\n', findings)}"
        );
    }

    [Fact]
    public void Every_rule_of_the_fence_has_a_sample_that_breaks_it()
    {
        var rules = Directory
            .EnumerateFiles(FirmwareSource.FenceFolder, "LanguageFence*.cs")
            .SelectMany(file => Rule().Matches(File.ReadAllText(file)).Select(match => match.Groups["rule"].Value))
            .Distinct()
            .Order(StringComparer.Ordinal);

        Assert.Equal(Forbidden.Select(row => row.Data.Item1).Distinct().Order(StringComparer.Ordinal), rules);
    }

    [Fact]
    public void What_the_board_takes_passes()
    {
        const string Code = """
            using System;
            using System.Collections;
            using System.IO;
            using System.Text;
            using System.Threading;

            namespace Own
            {
                internal enum Mood { Good, Bad }

                internal delegate void Told(string line);

                internal sealed class C : IDisposable
                {
                    private const int Most = 8;
                    private static readonly byte[] Table = new byte[Most];
                    private readonly object _lock = new object();
                    private readonly byte[][] _slots = new byte[Most][];
                    private readonly AutoResetEvent _wake = new(false);
                    private Told _told;

                    public int Count { get; init; }

                    public void Dispose() { }

                    public string Say(object what, double celsius, int code)
                    {
                        string kind = what switch
                        {
                            string s when s.Length > 0 => "text " + s.Substring(0, 1),
                            int and > 3 => "number",
                            not null => "thing",
                            _ => "nothing",
                        };
                        Told told = line => Console.WriteLine(line + code);
                        using C other = new C { Count = 1 };
                        try
                        {
                            lock (_lock)
                                _slots[0] = Encoding.UTF8.GetBytes(kind);
                            told($"{celsius:F2} {code:X4} {code:N0} {code:D5}");
                            foreach (object key in new Hashtable().Keys)
                                told(key.ToString());
                            foreach (byte b in Table)
                                told(b.ToString("X2"));
                        }
                        catch (Exception e) when (e.Message.Length > 0)
                        {
                            _told?.Invoke(e.Message);
                        }

                        _wake.Set();
                        new Thread(Run).Start();
                        return string.Format("{0:F1}", celsius);
                    }

                    private void Run()
                    {
                        File.WriteAllBytes(@"I:\x", BitConverter.GetBytes(Most));
                        Thread.Sleep(1);
                    }
                }
            }
            """;
        var findings = LanguageFence.Inspect(FirmwareSource.Snippet(Code), Allowed).Findings;
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public void A_finding_says_where_it_is()
    {
        var findings = LanguageFence.Inspect(FirmwareSource.Snippet("class C\n{\n    decimal D;\n}"), Allowed).Findings;
        Assert.StartsWith("Snippet.cs(3): decimal: ", findings.First().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_is_listed_under_no_package_or_twice_is_an_error_of_the_list()
    {
        Assert.Throws<InvalidOperationException>(() => AllowedApi.Parse(["T:System.Int32"]));
        Assert.Throws<InvalidOperationException>(() =>
            AllowedApi.Parse(["[a]", "T:System.Int32", "T:System.Int32  # why"])
        );
    }

    [Fact]
    public void Every_package_of_the_list_is_one_that_the_firmware_is_built_with()
    {
        var packages = File.ReadAllText(Path.Combine(FirmwareSource.FirmwareFolder, "packages.config"));
        var listed = File.ReadLines(Path.Combine(FirmwareSource.FenceFolder, "allowed-api.txt"))
            .Where(line => line.StartsWith('['))
            .Select(line => line.Trim('[', ']'));
        Assert.All(listed, package => Assert.Contains($"\"{package}\"", packages, StringComparison.Ordinal));
    }

    /// <summary>A rule's name stands before its text, and nothing else there is a word and then a comma.</summary>
    [GeneratedRegex("\"(?<rule>[A-Za-z#0-9 -]+)\",\\s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();
}
