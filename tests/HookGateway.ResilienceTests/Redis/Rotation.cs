using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>
/// The service's address: which of a fleet's gateways get requests, as a load balancer knows it. It hands a request to one of them and
/// tries nothing again.
/// </summary>
internal sealed class Rotation(IReadOnlyList<GatewayProcess> gateways) : IDisposable
{
    private readonly Member[] _members = [.. gateways.Select(gateway => new Member(GatewayFleet.SenderTo(gateway)))];

    /// <summary>Posts to the next gateway that is in rotation, counted from a number on.</summary>
    /// <returns><see langword="null"/> where there was no answer.</returns>
    public async Task<SenderAnswer?> TrySendAsync(int number, byte[] body)
    {
        var member = Enter(number);
        try
        {
            return await member.Sender.SendAsync(body);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        finally
        {
            lock (_members)
                member.UnderWay--;
        }
    }

    /// <summary>Sends nothing more to a gateway; completes when what was sent to it is answered.</summary>
    public Task TakeOutAsync(int gateway)
    {
        Set(gateway, isIn: false);
        return Wait.UntilAsync(() => IsIdle(gateway), "the gateway to have answered all");
    }

    public void PutBack(int gateway) => Set(gateway, isIn: true);

    public void Dispose()
    {
        foreach (var member in _members)
            member.Sender.Dispose();
    }

    private Member Enter(int number)
    {
        lock (_members)
        {
            var members = _members.Where(member => member.IsIn).ToList();
            var chosen = members[number % members.Count];
            chosen.UnderWay++;
            return chosen;
        }
    }

    private void Set(int gateway, bool isIn)
    {
        lock (_members)
            _members[gateway].IsIn = isIn;
    }

    private bool IsIdle(int gateway)
    {
        lock (_members)
            return _members[gateway].UnderWay == 0;
    }

    private sealed class Member(SysAidSender sender)
    {
        public SysAidSender Sender { get; } = sender;

        public bool IsIn { get; set; } = true;

        public int UnderWay { get; set; }
    }
}
