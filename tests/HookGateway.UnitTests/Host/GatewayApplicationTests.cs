using HookGateway.Host;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace HookGateway.UnitTests.Host;

public sealed class GatewayApplicationTests
{
    [Fact]
    public async Task Drain_IsNotTakenFromTheTimeForWhatIsUnderWay()
    {
        using var directory = new TemporaryDirectory();
        var configuration = Given.Configuration($"listen: {{ drain: 2m }}\nstorage: {{ path: \"{directory.File("x.db")}\" }}\n" + Given.Whole);
        await using var gateway = GatewayApplication.Build(configuration);

        Assert.Equal(
            TimeSpan.FromMinutes(2) + GatewayApplication.StopWithin,
            gateway.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }
}
