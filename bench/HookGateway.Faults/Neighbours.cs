using System.Globalization;
using System.Text;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;

namespace HookGateway.Faults;

/// <summary>Who gets every event besides the destination that is measured.</summary>
internal enum Company
{
    /// <summary>Nobody.</summary>
    Alone,

    /// <summary>Three that are well: what delivering four times as much costs by itself.</summary>
    Well,

    /// <summary>A black hole, one that answers after 5 s, and one that always answers 500.</summary>
    Ill,
}

/// <summary>The destinations beside the measured one, as real listeners.</summary>
internal sealed class Neighbours : IAsyncDisposable
{
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(5);

    private readonly List<IAsyncDisposable> _servers = [];
    private readonly List<(string Name, Uri Url)> _destinations = [];

    public static async Task<Neighbours> StartAsync(Company company)
    {
        var neighbours = new Neighbours();
        switch (company)
        {
            case Company.Well:
                foreach (var name in (string[])["b", "c", "d"])
                    await neighbours.AddAsync(name, _ => Answer.Ok);

                break;

            case Company.Ill:
                neighbours.AddBlackHole();
                await neighbours.AddAsync("slow", _ => Answer.When(Task.Delay(SlowAnswer, TimeProvider.System)));
                await neighbours.AddAsync("failing", _ => Answer.Status(500));
                break;
        }

        return neighbours;
    }

    /// <summary>A configuration that leads every event to <paramref name="measured"/> and to these, everything else as by default.</summary>
    public string Configure(GatewayPorts ports, Uri measured, string secret)
    {
        var yaml = new StringBuilder(ports.Listen);
        yaml.AppendLine(CultureInfo.InvariantCulture, $"sources: {{ sysaid: {{ preset: sysaid, secrets: [{secret}] }} }}");
        yaml.AppendLine("destinations:");
        foreach (var (name, url) in _destinations.Prepend(("measured", measured)))
            yaml.AppendLine(CultureInfo.InvariantCulture, $"  {name}: {{ url: \"{url}\" }}");

        var names = string.Join(", ", _destinations.Select(destination => destination.Name).Prepend("measured"));
        return yaml.AppendLine(CultureInfo.InvariantCulture, $"routes: [{{ source: sysaid, to: [{names}] }}]").ToString();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private async Task AddAsync(string name, Func<Arrival, Answer> script)
    {
        var server = await Receiver.StartAsync();
        server.AnswerWith(script);
        _servers.Add(server);
        _destinations.Add((name, server.Url));
    }

    private void AddBlackHole()
    {
        var server = RawDownstream.Start((_, cancel) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        _servers.Add(server);
        _destinations.Add(("hole", new Uri($"http://127.0.0.1:{server.Port}/")));
    }
}
