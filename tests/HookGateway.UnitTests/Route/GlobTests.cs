using System.Diagnostics;
using System.Text.RegularExpressions;
using CsCheck;
using HookGateway.Route;
using Xunit;

namespace HookGateway.UnitTests.Route;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("sr.created", "sr.created", true)]
    [InlineData("sr.created", "sr.created2", false)]
    [InlineData("sr.created", "SR.created", false)]
    [InlineData("sr.*", "sr.", true)]
    [InlineData("sr.*", "sr", false)]
    [InlineData("sr.*", "SR.created", false)]
    [InlineData("*.created", "sr.created", true)]
    [InlineData("*.created", "sr.created.x", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("a*b*c", "abbc", true)]
    [InlineData("a*b*c", "acb", false)]
    [InlineData("*ab*ab*", "ab", false)]
    [InlineData("*ab*ab*", "aabab", true)]
    [InlineData("a**b", "ab", true)]
    [InlineData("sr?created", "sr.created", false)]
    [InlineData("sr[.]created", "sr.created", false)]
    public void Glob_TakesOnlyStarsAsWild(string pattern, string name, bool expected) =>
        Assert.Equal(expected, new Glob(pattern).Matches(name));

    [Fact]
    public void Glob_OnAnyText_AgreesWithARegularExpression()
    {
        var text = Gen.Char["ab*."].Array[0, 12].Select(chars => new string(chars));
        Gen.Select(text, text).Sample((pattern, name) =>
        {
            var expression = Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal);
            Assert.Equal(Regex.IsMatch(name, $"\\A{expression}\\z", RegexOptions.Singleline), new Glob(pattern).Matches(name));
        });
    }

    [Fact]
    public void Glob_MadeToBacktrack_IsStillQuick()
    {
        var glob = new Glob(string.Concat(Enumerable.Repeat("a*", 100)) + "b");
        var name = new string('a', 200);
        var watch = Stopwatch.StartNew();

        for (var i = 0; i < 1000; i++) Assert.False(glob.Matches(name));

        // A backtracking matcher would not end this century.
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"took {watch.Elapsed}");
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("", "", true)]
    [InlineData("", "*", true)]
    [InlineData("*", "*", true)]
    [InlineData("sr.*", "sr.created", true)]
    [InlineData("sr.*", "sr", false)]
    [InlineData("sr.*", "*.created", true)]
    [InlineData("a*", "*b", true)]
    [InlineData("a*b", "b*a", false)]
    [InlineData("a*c*e", "ab*d*e", true)]
    [InlineData("*a*", "b*b", true)]
    [InlineData("ab*", "a*c", true)]
    [InlineData("ab", "a*b*", true)]
    [InlineData("x*a", "x*b", false)]
    public void Overlap_OfTwoPatterns_IsWhetherANameMatchesBoth(string one, string other, bool expected)
    {
        Assert.Equal(expected, Glob.Overlap(one, other));
        Assert.Equal(expected, Glob.Overlap(other, one));
    }
}
