using HookGateway.Load.Loading;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class ReceiptsTests
{
    private readonly Receipts _receipts = new("run", 3);

    [Fact]
    public void Stamp_OfAnEventThatComesTwice_KeepsTheFirstTime()
    {
        _receipts.Stamp(_receipts.Id(1), 100);
        _receipts.Stamp(_receipts.Id(1), 200);

        Assert.Equal(100, _receipts.Of(1));
        Assert.Null(_receipts.Of(0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("run-3")]
    [InlineData("run-0000000003")]
    [InlineData("run--1")]
    [InlineData("other-1")]
    [InlineData("run-1x")]
    public void Stamp_OfAnotherId_IsLeftOut(string id)
    {
        _receipts.Stamp(id, 100);

        Assert.All(Enumerable.Range(0, 3), number => Assert.Null(_receipts.Of(number)));
    }
}
