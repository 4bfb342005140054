using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace HookGateway.Testing.Downstream;

/// <summary>A downstream that speaks TLS on a loopback port, answers 200, and writes down who showed which certificate.</summary>
public sealed class TlsDownstream : IAsyncDisposable
{
    private readonly ConcurrentQueue<string?> _shown = new();
    private readonly WebApplication _server;

    private TlsDownstream(TestCertificate certificate, ClientCertificateMode mode)
    {
        Port = FreePorts.Take(1)[0];
        using var pem = X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key);
        var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, Port, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = own;
                https.ClientCertificateMode = mode;
                https.ClientCertificateValidation = (_, _, _) => true;
            })));
        _server = builder.Build();
        _server.Run(context =>
        {
            _shown.Enqueue(context.Connection.ClientCertificate?.Thumbprint);
            return Task.CompletedTask;
        });
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>One entry a request: the thumbprint of the client's certificate, or nothing.</summary>
    public IReadOnlyList<string?> Shown => [.. _shown];

    /// <summary>Starts one.</summary>
    public static async Task<TlsDownstream> StartAsync(TestCertificate certificate, bool demandsCertificate = false)
    {
        var downstream = new TlsDownstream(
            certificate, demandsCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate);
        await downstream._server.StartAsync();
        return downstream;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}
