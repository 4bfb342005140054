using System.Text;
using HookGateway.Verify;
using Xunit;

namespace HookGateway.UnitTests.Verify;

public sealed class JmesQueryTests
{
    [Theory]
    [InlineData("items[?id==$.want].name | [0]")]
    [InlineData("let $w = want in items[?id==$w].name | [0]")]
    public void Query_OnManyThreads_NeverSeesAnothersDocument(string expression)
    {
        var query = JmesQuery.Compile(expression);
        Parallel.For(0, 20_000, i =>
        {
            var document = JmesQuery.Parse(Encoding.UTF8.GetBytes(
                $$"""{"want":"{{i % 3}}","items":[{"id":"0","name":"n0"},{"id":"1","name":"n1"},{"id":"2","name":"n2"}]}"""));
            Assert.Equal(("n" + (i % 3), false), query.Evaluate(document));
        });
    }

    [Fact]
    public void Query_ThatDoesNotFitOneDocument_StillFitsTheNext()
    {
        var query = JmesQuery.Compile("let $s = '.' in join($s, [type, action])");

        Assert.Equal((null, false), query.Evaluate(JmesQuery.Parse("""{"type":"a"}"""u8)));
        Assert.Equal(("a.b", false), query.Evaluate(JmesQuery.Parse("""{"type":"a","action":"b"}"""u8)));
    }
}
