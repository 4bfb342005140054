using System.Diagnostics;
using HookGateway.Events;
using Xunit;

namespace HookGateway.UnitTests.Events;

public sealed class TraceContextTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "00f067aa0ba902b7";

    [Theory]
    [InlineData(true, "01")]
    [InlineData(false, "00")]
    public void Written_AnyWay_HasTheIdsItWasMadeOf(bool sampled, string flags)
    {
        var context = new TraceContext(ActivityTraceId.CreateFromString(Trace), ActivitySpanId.CreateFromString(Span), sampled);
        var bytes = new byte[TraceContext.Bytes];
        context.Write(bytes);

        Assert.Equal(Trace + Span + flags, Convert.ToHexStringLower(bytes));
        Assert.Equal(context, TraceContext.Read(bytes));
        Assert.Equal((Trace, Span), (context.TraceId.ToString(), context.SpanId.ToString()));
        Assert.Equal($"00-{Trace}-{Span}-{flags}", context.ToTraceParent());
        Assert.Equal($"00-{Trace}-{Span}-00", context.ToTraceParent(sampled: false));
        Assert.Equal(sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, context.ToActivityContext().TraceFlags);
    }

    [Fact]
    public void New_AskedTwice_AreTwoTracesThatAreNotKept()
    {
        var (one, other) = (TraceContext.New(), TraceContext.New());

        Assert.NotEqual(one.TraceId, other.TraceId);
        Assert.NotEqual(one.SpanId, other.SpanId);
        Assert.False(one.Sampled || one.IsNone);
    }

    [Fact]
    public void Default_NobodyGaveOne_IsNone()
    {
        Assert.True(default(TraceContext).IsNone);
        Assert.Equal($"00-{new string('0', 32)}-{new string('0', 16)}-00", default(TraceContext).ToTraceParent());
    }
}
