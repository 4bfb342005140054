using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Store;

public sealed class AuditLoopTests : IDisposable
{
    private readonly WatchedTime _time = new();
    private readonly ScriptedStore _store = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayMetrics _metrics;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<long> _measured = new();
    private readonly AuditLoop _loop;
    private int _audits;
    private int _waits;

    public AuditLoopTests()
    {
        _metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "hookgateway.unaccounted" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _measured.Enqueue(value));
        _listener.Start();
        _loop = new AuditLoop(_store, _metrics, _time, NullLogger<AuditLoop>.Instance);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _listener.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Run_AsTimePasses_TellsByHowMuchTheBooksDiffer()
    {
        _store.OnAudit = () => Report(orphans: _audits == 0 ? 0 : 3);
        await _loop.StartAsync(TestContext.Current.CancellationToken);

        await AuditedAfterAsync(TimeSpan.FromMinutes(1));
        await AuditedAfterAsync(TimeSpan.FromMinutes(10));

        await Wait.UntilAsync(() => _measured.Count == 2, "both measurements");
        Assert.Equal([0, 3], _measured);
        await _loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_AuditTakesLong_RestsNineteenTimesAsLong()
    {
        _store.OnAudit = () =>
        {
            if (_audits == 0)
                _time.Advance(TimeSpan.FromMinutes(2));

            return Report(orphans: 0);
        };
        await _loop.StartAsync(TestContext.Current.CancellationToken);

        await AuditedAfterAsync(TimeSpan.FromMinutes(1));
        await AuditedAfterAsync(TimeSpan.FromMinutes(38));
        await _loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_StoreCannotBeRead_TriesAgain()
    {
        _store.OnAudit = () => _audits == 0 ? throw new StoreException("The disk is gone.") : Report(orphans: 0);
        await _loop.StartAsync(TestContext.Current.CancellationToken);

        await AuditedAfterAsync(TimeSpan.FromMinutes(1));
        await AuditedAfterAsync(TimeSpan.FromMinutes(10));
        await _loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Gateway_Registered_HasIt() => Assert.Contains(
        new ServiceCollection().AddHookGateway(Given.Configuration(Given.Whole)),
        service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(AuditLoop));

    private static AuditReport Report(long orphans) => new()
    {
        Sources = [],
        Destinations = [],
        UnevenEvents = 0,
        Orphans = orphans,
        Forgotten = 0,
        UnevenReplays = 0,
        LostSuccessors = 0,
        ForgottenHeld = 0,
    };

    /// <summary>The next audit comes when so much time has passed, and not before.</summary>
    private async Task AuditedAfterAsync(TimeSpan wait)
    {
        var (audit, asked) = (_store.OnAudit, 0);
        _store.OnAudit = () =>
        {
            Interlocked.Increment(ref asked);
            try
            {
                return audit();
            }
            finally
            {
                _audits++;
            }
        };
        _waits++;
        await Wait.UntilAsync(() => _time.Waits.Count == _waits, "the loop to wait");
        _time.Advance(wait - TimeSpan.FromTicks(1));
        Assert.Equal(0, Volatile.Read(ref asked));
        _time.Advance(TimeSpan.FromTicks(1));
        await Wait.UntilAsync(() => Volatile.Read(ref asked) == 1, "the audit");
        _store.OnAudit = audit;
    }
}
