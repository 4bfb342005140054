using System.Text;
using HookGateway.Verify;
using Xunit;

namespace HookGateway.UnitTests.Verify;

/// <summary>What the fast reading takes; that it reads as a document would is seen in <see cref="JsonPathTreeTests"/>.</summary>
public sealed class JsonScannerTests
{
    [Theory]
    [InlineData("""{"eventName":"sr.created","srId":148,"updates":[{"fieldName":"{\"x\":\"<p>é\u00e9\"}"},{"b":-1.5e+3}],"ok":true}""")]
    [InlineData(" [ null , false , 0 , {} , [ ] ]\r\n\t")]
    [InlineData("\"text\"")]
    [InlineData("""{"x":{"\u0061":[{},[],{"":[]}],"b":{"c":"\\"}},"d":"0123456789012345678901234567890\"12345678901234567890123456789012"}""")]
    public void TryScan_ValidBody_IsTaken(string body) => Assert.True(TryScan(body));

    [Theory]
    [InlineData("""{"\u0061":1}""")]
    [InlineData("{\"a\":1}}")]
    [InlineData("[01]")]
    [InlineData("[\"\u0001\"]")]
    [InlineData("[1,]")]
    [InlineData("[{]")]
    [InlineData("[[}]")]
    [InlineData("{\"x\":{\"b\":1,}}")]
    [InlineData("{\"x\":{\"b\" 1}}")]
    [InlineData("{\"x\":{1:1}}")]
    [InlineData("{\"x\":[{}{}]}")]
    [InlineData("{\"x\":\"\\x\"}")]
    [InlineData("{\"x\":\"\\u00g0\"}")]
    [InlineData("{\"x\":tru}")]
    [InlineData("{\"x\":[")]
    [InlineData("{\"x\":\"")]
    [InlineData("")]
    public void TryScan_EscapedNameOrInvalid_IsLeftToTheReader(string body) => Assert.False(TryScan(body));

    [Fact]
    public void TryScan_DeepestAllowed_IsTakenAndOneMoreIsNot()
    {
        Assert.True(TryScan(new string('[', JsonPathTree.MaxDepth) + new string(']', JsonPathTree.MaxDepth)));
        Assert.False(TryScan(new string('[', JsonPathTree.MaxDepth + 1) + new string(']', JsonPathTree.MaxDepth + 1)));
    }

    private static bool TryScan(string body)
    {
        var wanted = new JsonPathNode();
        wanted.Add([new JsonPath.Step("a", 0)], 0);
        return new JsonScanner(Encoding.UTF8.GetBytes(body), new JsonSlice[1]).TryScan(wanted);
    }
}
