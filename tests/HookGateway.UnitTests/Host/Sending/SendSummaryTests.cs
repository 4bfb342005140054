using HookGateway.Host.Sending;
using Xunit;

namespace HookGateway.UnitTests.Host.Sending;

public sealed class SendSummaryTests
{
    [Fact]
    public void Summary_CountsEveryAnswerOnce()
    {
        SendAnswer[] answers =
        [
            new(202, "a", "accepted", 1, null), new(202, "b", "accepted", 2, null), new(200, "a", "duplicate", 3, null),
            new(401, null, null, 4, "no"), new(null, null, null, 5, "refused"),
        ];

        Assert.Equal(new SendSummary(5, 2, 1, 1, 1, 3, 5), SendSummary.Of(answers));
    }
}
