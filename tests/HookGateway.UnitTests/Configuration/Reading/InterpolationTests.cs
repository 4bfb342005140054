using HookGateway.Configuration.Reading;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Reading;

public sealed class InterpolationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hookgateway-secrets-").FullName;
    private readonly List<string> _faults = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("plain $ { } $x", "plain $ { } $x")]
    [InlineData("${SECRET}", "top-secret")]
    [InlineData("Bearer ${SECRET}!", "Bearer top-secret!")]
    [InlineData("${SECRET}${SECRET}", "top-secrettop-secret")]
    [InlineData("${NONE:-fallback}", "fallback")]
    [InlineData("${EMPTY:-fallback}", "fallback")]
    [InlineData("${SECRET:-fallback}", "top-secret")]
    [InlineData("${NONE:-}", "")]
    [InlineData("${NONE:-a:-b}", "a:-b")]
    [InlineData("$${SECRET}", "${SECRET}")]
    [InlineData("a$$${SECRET}", "a$${SECRET}")]
    public void Resolve_Text_PutsValuesIn(string text, string expected) => Assert.Equal(expected, Resolve(text));

    [Theory]
    [InlineData("${NONE}", "the environment variable NONE is not set or empty; ${NONE:-default} gives a default")]
    [InlineData("${EMPTY}", "the environment variable EMPTY is not set or empty; ${EMPTY:-default} gives a default")]
    [InlineData("x${SECRET", "an unclosed ${; a plain ${ is written $${")]
    [InlineData("${}", "expected ${NAME}, ${NAME:-default} or ${file:PATH}, not '${}'")]
    [InlineData("${a-b}", "expected ${NAME}, ${NAME:-default} or ${file:PATH}, not '${a-b}'")]
    [InlineData("${file:}", "the file '' has no path")]
    [InlineData("${file:none}", "the file 'none' does not exist")]
    [InlineData("${file:.}", "the file '.' is a directory")]
    public void Resolve_WhatCannotBe_IsAFault(string text, string fault)
    {
        Assert.Null(Resolve(text));
        Assert.Equal([fault], _faults);
    }

    [Fact]
    public void Resolve_SeveralMissing_TellsAll()
    {
        Assert.Null(Resolve("${NONE} ${file:none}"));
        Assert.Equal(2, _faults.Count);
    }

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("secret\n\n", "secret\n")]
    [InlineData(" secret ", " secret ")]
    [InlineData("${SECRET}", "${SECRET}")]
    public void Resolve_File_DropsOneLineEndAndLooksNoFurther(string content, string expected)
    {
        File.WriteAllText(Path.Combine(_directory, "secret"), content);

        Assert.Equal(expected, Resolve("${file:secret}"));
        Assert.Equal(expected, Resolve($"${{file:{Path.Combine(_directory, "secret")}}}"));
    }

    [Theory]
    [InlineData(0, "is empty")]
    [InlineData(1, "is empty")]
    [InlineData(65537, "is larger than 64KiB")]
    public void Resolve_FileWithoutOrWithTooMuch_IsAFault(int lines, string fault)
    {
        File.WriteAllText(Path.Combine(_directory, "secret"), new string('\n', lines));

        Assert.Null(Resolve("${file:secret}"));
        Assert.Equal([$"the file 'secret' {fault}"], _faults);
    }

    private string? Resolve(string text) => new Interpolation(_directory, Given.Environment).Resolve(text, _faults.Add);
}
