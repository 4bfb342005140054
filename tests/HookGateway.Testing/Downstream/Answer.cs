using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Testing.Downstream;

/// <summary>What a receiver does with a request. Closed: one of the nested kinds.</summary>
public abstract record Answer
{
    private Answer()
    {
    }

    /// <summary>Answers.</summary>
    public sealed record Responding(int Code) : Answer
    {
        /// <summary>Headers besides; a <c>Retry-After</c>, say.</summary>
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

        /// <summary>The answer's body. Default empty.</summary>
        public byte[] Body { get; init; } = [];

        /// <summary>Answers only when this completes. Default at once.</summary>
        public Task Gate { get; init; } = Task.CompletedTask;
    }

    /// <summary>Never answers; the connection stays open until the other side or the receiver ends it.</summary>
    public sealed record Hanging : Answer;

    /// <summary>Resets the connection without an answer.</summary>
    public sealed record Resetting : Answer;

    /// <summary>Writes bytes that are no HTTP, and closes.</summary>
    public sealed record Babbling : Answer;

    /// <summary>200.</summary>
    public static Answer Ok { get; } = new Responding(200);

    /// <summary>Never answers.</summary>
    public static Answer Hang { get; } = new Hanging();

    /// <summary>Resets the connection.</summary>
    public static Answer Reset { get; } = new Resetting();

    /// <summary>Answers bytes that are no HTTP.</summary>
    public static Answer Garbage { get; } = new Babbling();

    /// <summary>A status.</summary>
    public static Answer Status(int status) => new Responding(status);

    /// <summary>A status with <c>Retry-After</c>: seconds, or a date.</summary>
    public static Answer RetryAfter(int status, string value) =>
        new Responding(status) { Headers = new Dictionary<string, string> { ["Retry-After"] = value } };

    /// <summary>200, once the gate opens.</summary>
    public static Answer When(Task gate) => new Responding(200) { Gate = gate };

    /// <summary>Answers a request so.</summary>
    /// <param name="context">The request; its body is read already.</param>
    /// <param name="ended">What waits ends then.</param>
    internal async Task GiveAsync(HttpContext context, CancellationToken ended)
    {
        switch (this)
        {
            case Responding responding:
                await WriteAsync(context.Response, responding, ended);
                break;
            case Hanging:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended);
                break;
            case Resetting:
                Socket(context).LingerState = new LingerOption(true, 0);
                context.Abort();
                break;
            case Babbling:
                await Socket(context).SendAsync(Encoding.ASCII.GetBytes("\u0001\u0002 nothing that HTTP knows\r\n\r\n"));
                context.Abort();
                break;
        }
    }

    private static async Task WriteAsync(HttpResponse response, Responding answer, CancellationToken ended)
    {
        await answer.Gate.WaitAsync(ended);
        response.StatusCode = answer.Code;
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;
        await response.Body.WriteAsync(answer.Body, ended);
    }

    private static Socket Socket(HttpContext context) => context.Features.Get<IConnectionSocketFeature>()!.Socket;
}
