using System.Text;
using System.Text.Json;
using CsCheck;
using HookGateway.Verify;
using Xunit;

namespace HookGateway.UnitTests.Verify;

/// <summary>The one pass against System.Text.Json's documents, on samples that have been tampered with.</summary>
public sealed class JsonPathTreeTests
{
    private static readonly string[] Paths =
    [
        "eventName", "srId", "updates", "updates[0].fieldName", "updates[1].currentValue", "updates[1]", "a.b.c", "[0].eventId",
        "[1]", "\"é\"",
    ];

    private static readonly string[] Samples =
    [
        """{"eventName":"sr.created","srId":148,"updates":[{"fieldName":"{\"x\":\"<p>\"}"},{"b":"b","currentValue":null}]}""",
        """[ {"eventId" : 1.5e3, "x":[[[]]]}, true , "\u00e9\ud83d\ude00" ]""",
        """{"a":{"b":{"c":false}},"eventName":"\n","\u0065ventName":"last","é":"é","a":{"b":{"d":[]}}}""",
    ];

    // Whole tokens as well as single bytes, so that many of the mutants are valid JSON of another shape.
    private static readonly string[] Splices =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0041", "\\ud800", "null", "true", "-0", "01", "1e5", "{}", "[]",
        "\"eventName\":", "\"a\":{\"b\":", " ", "\n", "\u00e9", "//", "\0",
    ];

    private static readonly Gen<byte[]> Mutants =
        from sample in Gen.Int[0, Samples.Length - 1].Select(index => Encoding.UTF8.GetBytes(Samples[index]))
        from cuts in Gen.Select(Gen.Int[0, sample.Length - 1], Gen.Int[0, 4], Gen.Int[0, Splices.Length - 1]).Array[0, 4]
        from flip in Gen.Select(Gen.Int[0, sample.Length - 1], Gen.Byte, Gen.Int[0, 3])
        select Mutate(sample, cuts, flip);

    [Fact]
    public void TamperedBodies_AreJudgedAndReadAsADocumentWouldBe()
    {
        var tree = new JsonPathTree();
        var paths = Paths.Select(path => JsonPath.TryParse(path)!).ToArray();
        var slots = paths.Select(tree.Add).ToArray();
        var valid = 0;

        Mutants.Sample(
            body =>
            {
                var found = new JsonSlice[tree.Count];
                var problem = tree.Read(body, found);
                using var document = TryParse(body);

                // Stricter in one thing only: a document finds out about half characters when their text is asked for.
                if (problem is not null && problem.Contains("escapes", StringComparison.Ordinal)) return;
                Assert.Equal(document is not null, problem is null);
                if (document is null) return;
                Interlocked.Increment(ref valid);
                for (var i = 0; i < paths.Length; i++)
                {
                    var expected = Walk(document.RootElement, paths[i]);
                    Assert.Equal(TextOf(expected), found[slots[i]].ToText(body));
                    Assert.Equal(expected?.ValueKind is JsonValueKind.Object or JsonValueKind.Array, found[slots[i]].IsStructure);
                }
            },
            iter: 50_000);

        Assert.True(valid > 1000, $"only {valid} of the mutants were valid: they test too little");
    }

    [Fact]
    public void SamePath_AddedTwice_HasOneSlot()
    {
        var tree = new JsonPathTree();

        Assert.Equal(tree.Add(JsonPath.TryParse("a.b")!), tree.Add(JsonPath.TryParse("a.\"b\"")!));
        Assert.Equal(1, tree.Count);
    }

    private static byte[] Mutate(byte[] sample, (int At, int Length, int Splice)[] cuts, (int At, byte Value, int Odds) flip)
    {
        var bytes = sample.ToList();
        foreach (var (at, length, splice) in cuts)
        {
            var start = Math.Min(at, bytes.Count);
            bytes.RemoveRange(start, Math.Min(length, bytes.Count - start));
            bytes.InsertRange(start, Encoding.UTF8.GetBytes(Splices[splice]));
        }

        if (flip.Odds == 0 && flip.At < bytes.Count) bytes[flip.At] = flip.Value;
        return [.. bytes];
    }

    private static JsonDocument? TryParse(byte[] body)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(body);
            return JsonDocument.Parse(body);
        }
        catch (Exception fault) when (fault is JsonException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static JsonElement? Walk(JsonElement element, JsonPath path)
    {
        foreach (var (name, index) in path.Steps)
        {
            if (name is null)
            {
                if (element.ValueKind != JsonValueKind.Array || index >= element.GetArrayLength()) return null;
                element = element[index];
            }
            else if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element;
    }

    private static string? TextOf(JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.String => element.Value.GetString(),
        JsonValueKind.Number => element.Value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
