using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace HookGateway.Testing.Telemetry;

/// <summary>A real OTLP collector on loopback, both protocols, that keeps what it gets.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly List<ReceivedPoint> _points = [];
    private readonly List<ReceivedLog> _logs = [];
    private readonly WebApplication _server;

    private OtlpReceiver(int http, int grpc)
    {
        HttpEndpoint = new Uri($"http://127.0.0.1:{http}");
        GrpcEndpoint = new Uri($"http://127.0.0.1:{grpc}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, http, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, grpc, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _server = builder.Build();
        Map("trace", "/v1/traces", message => Keep(_spans, OtlpMessages.Spans(message)));
        Map("metrics", "/v1/metrics", message => Keep(_points, OtlpMessages.Points(message)));
        Map("logs", "/v1/logs", message => Keep(_logs, OtlpMessages.Logs(message)));
    }

    /// <summary>The base URL for <c>http/protobuf</c>.</summary>
    public Uri HttpEndpoint { get; }

    /// <summary>The base URL for <c>grpc</c>, without TLS.</summary>
    public Uri GrpcEndpoint { get; }

    /// <summary>All spans so far, in the order of their arrival: children usually come before their parents.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => Copy(_spans);

    /// <summary>All metric points so far; the same series comes again with every export.</summary>
    public IReadOnlyList<ReceivedPoint> Points => Copy(_points);

    /// <summary>All log records so far.</summary>
    public IReadOnlyList<ReceivedLog> Logs => Copy(_logs);

    /// <summary>Starts one on free ports.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var ports = FreePorts.Take(2);
        var receiver = new OtlpReceiver(ports[0], ports[1]);
        await receiver._server.StartAsync();
        return receiver;
    }

    /// <summary>Waits until the spans are as wanted.</summary>
    /// <exception cref="TimeoutException">They were not; the message names those that came.</exception>
    public async Task<IReadOnlyList<ReceivedSpan>> WaitForSpansAsync(
        Func<IReadOnlyList<ReceivedSpan>, bool> condition, TimeSpan? limit = null)
    {
        try
        {
            await Wait.UntilAsync(() => condition(Spans), "spans at the collector", limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; came: {string.Join(", ", Spans.Select(span => span.Name))}", e);
        }

        return Spans;
    }

    private void Map(string service, string path, Action<byte[]> keep)
    {
        var name = char.ToUpperInvariant(service[0]) + service[1..];
        _server.MapPost(path, context => AnswerHttpAsync(context, keep));
        _server.MapPost(
            $"/opentelemetry.proto.collector.{service}.v1.{name}Service/Export", context => AnswerGrpcAsync(context, keep));
    }

    private static async Task AnswerHttpAsync(HttpContext context, Action<byte[]> keep)
    {
        var isZipped = context.Request.Headers.ContentEncoding == "gzip";
        keep(await ReadAsync(isZipped ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body));
        context.Response.ContentType = "application/x-protobuf";
    }

    // A gRPC message is framed by one byte (1: compressed) and its length; the status comes after the answer.
    private static async Task AnswerGrpcAsync(HttpContext context, Action<byte[]> keep)
    {
        const int FrameHeader = 5;
        var request = await ReadAsync(context.Request.Body);
        var length = (int)BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(1));
        var message = request.AsMemory(FrameHeader, length).ToArray();
        if (request[0] == 1)
            message = await ReadAsync(new GZipStream(new MemoryStream(message), CompressionMode.Decompress));
        keep(message);
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(new byte[FrameHeader]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private void Keep<T>(List<T> list, List<T> items)
    {
        lock (_gate)
            list.AddRange(items);
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_gate)
            return [.. list];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
