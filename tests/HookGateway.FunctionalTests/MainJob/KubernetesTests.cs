using System.Net;
using System.Text.RegularExpressions;
using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>The real program under the configuration that the pod of <c>k8s/overlays/single</c> has.</summary>
public sealed partial class KubernetesTests
{
    private const string Secret = "the secret of the subscription";

    [Fact]
    public async Task Overlay_OfOneGateway_AnswersTheProbesAndSenders_AndTakesANewCertificate()
    {
        using var mounted = new TemporaryDirectory();
        mounted.Write("run/secrets/hookgateway/admin-token", "token\n");
        mounted.Write("run/secrets/hookgateway/sysaid-secret", Secret + "\n");
        Mount(mounted, "first", TestCertificate.SelfSigned("first"));
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(mounted, ports));

        foreach (var path in ProbePaths())
            await AssertAnswersAsync(gateway, path, HttpStatusCode.OK);
        await AssertAnswersAsync(gateway, "/metrics", HttpStatusCode.Unauthorized);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(1))).Status);

        Mount(mounted, "second", TestCertificate.SelfSigned("second"));
        await Wait.UntilAsync(() => SubjectAsync(gateway, "CN=second"), "the gateway to present the new certificate");
    }

    // Nearly as the kubelet does it: a new file is a symbolic link that leads elsewhere.
    private static void Mount(TemporaryDirectory mounted, string version, TestCertificate certificate)
    {
        foreach (var (name, content) in new[] { ("tls.crt", certificate.Certificate), ("tls.key", certificate.Key) })
        {
            mounted.Write($"certs/..{version}/{name}", content);
            File.CreateSymbolicLink(mounted.File("certs/..next"), $"..{version}/{name}");
            File.Move(mounted.File("certs/..next"), mounted.File($"certs/{name}"), overwrite: true);
        }
    }

    private static string Configuration(TemporaryDirectory mounted, GatewayPorts ports) =>
        File.ReadAllText(Repository.File("k8s", "overlays", "single", "hookgateway.yaml"))
            .Replace("0.0.0.0:8443", $"127.0.0.1:{ports.Https}", StringComparison.Ordinal)
            .Replace("0.0.0.0:9080", $"127.0.0.1:{ports.Admin}", StringComparison.Ordinal)
            .Replace("/certs/", $"{mounted.Path}/certs/", StringComparison.Ordinal)
            .Replace("/run/secrets/", $"{mounted.Path}/run/secrets/", StringComparison.Ordinal)
            .Replace("/data/", $"{mounted.Path}/data/", StringComparison.Ordinal);

    private static List<string> ProbePaths()
    {
        var paths = ProbePath().Matches(File.ReadAllText(Repository.File("k8s", "base", "deployment.yaml"))).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(3, paths.Count);
        return paths;
    }

    private static async Task AssertAnswersAsync(GatewayProcess gateway, string path, HttpStatusCode status)
    {
        using var answer = await gateway.Client.GetAsync(new Uri(gateway.AdminUrl, path), TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
    }

    private static async Task<bool> SubjectAsync(GatewayProcess gateway, string expected)
    {
        using var handler = new HttpClientHandler();
        var subject = "";
        handler.ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
        {
            subject = certificate!.Subject;
            return true;
        };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync(gateway.HttpsUrl, TestContext.Current.CancellationToken);
        return subject == expected;
    }

    [GeneratedRegex(@"httpGet: \{ path: ([^,]+),")]
    private static partial Regex ProbePath();
}
