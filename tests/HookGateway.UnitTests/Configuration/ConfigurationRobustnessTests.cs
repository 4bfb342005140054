using CsCheck;
using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration;

/// <summary>Whatever stands in a file, reading it ends in a result.</summary>
public sealed class ConfigurationRobustnessTests
{
    private const string Sample = """
        listen: { https: off, http: { address: "127.0.0.1:8080" }, admin: { token: "${SECRET}" } }
        limits: { bodySize: 1MiB, requestTimeout: 8s }
        vars: { priority: { "1": Urgent }, hide: [a, "${SECRET}"], url: "${SECRET:-}" }
        sources:
          sysaid: { preset: sysaid, secrets: ["${SECRET}"], dedupe: { window: 24h, id: { all: [a, "b.c"] } } }
          crm:
            verify:
              hmac: { header: X-S, format: "t={timestamp},v1={signature}", content: "{timestamp}.{body}", tolerance: 5m }
            secrets: |
              several
              lines
            event: 'type'
        destinations:
          jira: { url: "https://jira.example/hooks", headers: { Authorization: "Bearer ${SECRET:-x}" }, retry: { giveUpOn: [410] } }
        routes:
          - { name: all, source: crm, events: ["sr.*"], to: [jira] }
        """;

    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ": ", "- ", "\n", "\n  ", "\t", "\"", "'", "|", ">", "&a ", "*a", "!!str ", "? ", "---\n", "...\n", "%YAML 1.2\n",
        "#", ",", "${", "${SECRET}", "${file:.}", "$${", "~", "\0", "\uFEFF", "\u2028", "\uD800", "<<: ", "sources", "a", "-1", "1e999", "`", "@",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    [Fact]
    public void Parse_AnyCharacters_GivesAResult() => Gen.String.Sample(AssertEndsInAResult, iter: 3000);

    [Fact]
    public void Parse_YamlsOwnSigns_GivesAResult() =>
        Piece.Array[0, 60].Select(string.Concat).Sample(AssertEndsInAResult, iter: 5000);

    [Fact]
    public void Parse_MutatedFile_GivesAResult() =>
        Gen.Select(Gen.Int[0, Sample.Length], Gen.Int[0, 12], Piece)
            .Array[1, 4]
            .Select(edits => edits.Aggregate(Sample, Mutate))
            .Sample(AssertEndsInAResult, iter: 5000);

    private static string Mutate(string text, (int At, int Cut, string Piece) edit)
    {
        var at = Math.Min(edit.At, text.Length);
        return string.Concat(text.AsSpan(0, at), edit.Piece, text.AsSpan(Math.Min(at + edit.Cut, text.Length)));
    }

    private static void AssertEndsInAResult(string yaml)
    {
        if (Given.Parse(yaml) is not ConfigurationResult.Invalid { Faults: var faults })
            return;
        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.True(fault is { Line: >= 1, Column: >= 1, Message.Length: > 0 }, fault.ToString()));
        Assert.DoesNotContain(faults, fault => fault.Message.Contains("top-secret", StringComparison.Ordinal));
        Assert.Equal(faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column), faults);
    }
}
