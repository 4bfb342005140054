using HookGateway.Configuration.Reading;
using HookGateway.Configuration.Yaml;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Reading;

public sealed class MappingReaderTests
{
    private readonly FaultList _faults = new(Given.File);

    [Fact]
    public void Under_WrongValueOfThePreset_IsAFaultAtTheMappingsOwnPlace()
    {
        var reader = Read("mine: { deep: ok }\n", new Place(7, 3));
        reader.Under(Tree("filler: 1\nmine: { deep: 1, other: [1, x] }\nunknown: 1\n"));

        reader.ReadWhole(mapping =>
        {
            mapping.Value("filler", Kinds.Text);
            return mapping.Section("mine", mine => (mine.Value("deep", Kinds.Text), mine.List("other", Kinds.Integer(0, 9), [])), default);
        });

        Assert.Equal(
            [
                "gateway.yaml:7:3: here.mine.other: expected a whole number from 0 to 9, not 'x'",
                "gateway.yaml:7:3: here: unknown key 'unknown'; known: filler, mine",
            ],
            _faults.Faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void Value_OfAnInterpolatedText_IsNeverShown()
    {
        Read("a: \"${SECRET}\"\nb: \"${SECRET}x\"\n", new Place(1, 1)).ReadWhole(mapping =>
        {
            mapping.Value("a", Kinds.Integer(1, 2));
            return mapping.Value("b", Kinds.NameOf("thing", ["top-secretz"]));
        });

        Assert.Equal(2, _faults.Faults.Count);
        Assert.DoesNotContain(_faults.Faults, fault => fault.Message.Contains("top-secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Value_OfManyLinesOrLetters_IsShownShortAndOnOneLine()
    {
        Read($"a: \"1\\n2\"\nb: {new string('9', 100)}\n", new Place(1, 1)).ReadWhole(mapping =>
            (mapping.Value("a", Kinds.Integer(1, 2)), mapping.Value("b", Kinds.Integer(1, 2))));

        Assert.EndsWith(", not '1?2'", _faults.Faults[0].Message, StringComparison.Ordinal);
        Assert.EndsWith($", not '{new string('9', 60)}…'", _faults.Faults[1].Message, StringComparison.Ordinal);
    }

    private MappingReader Read(string yaml, Place place) =>
        new(new ReadingContext(_faults, new Interpolation(".", Given.Environment)), "here", place, Tree(yaml));

    private YamlNode.Mapping Tree(string yaml) => YamlTree.Read(yaml, _faults)!;
}
