using System.Diagnostics.Metrics;
using HookGateway.Observe;
using Microsoft.Extensions.DependencyInjection;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>What a gateway's instruments tell.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, long Value)> _values = [];

    public Counted(IServiceProvider services)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _values.Add((instrument.Name, value)));
        services.GetRequiredService<GatewayMetrics>();
        _listener.Start();
    }

    public IEnumerable<long> Of(string name) => [.. _values.Where(value => value.Name == name).Select(value => value.Value)];

    /// <summary>Reads the gauges.</summary>
    public void Read() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();
}
