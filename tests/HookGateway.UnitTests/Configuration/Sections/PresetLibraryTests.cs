using HookGateway.Configuration.Sections;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class PresetLibraryTests
{
    public static TheoryData<string> Names => [.. PresetLibrary.Names];

    [Fact]
    public void Names_HoldSysAid() => Assert.Contains("sysaid", PresetLibrary.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void Preset_WithASecret_IsAWholeSource(string name) =>
        Assert.Equal(name, Given.Configuration(Given.Source($"preset: {name}\nsecrets: s3cret")).Sources[0].Preset);

    [Fact]
    public void Load_UnknownName_Throws() => Assert.Throws<InvalidOperationException>(() => PresetLibrary.Load("none"));
}
