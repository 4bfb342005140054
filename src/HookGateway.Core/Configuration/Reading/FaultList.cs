using HookGateway.Configuration.Yaml;

namespace HookGateway.Configuration.Reading;

/// <summary>Collects what is wrong and what is unwise in one file.</summary>
internal sealed class FaultList(string file)
{
    private readonly List<ConfigurationFault> _faults = [];
    private readonly List<ConfigurationFault> _warnings = [];

    /// <summary>Whether there are so many that suggestions for each are not worth their time.</summary>
    public bool AreMany => _faults.Count >= 100;

    /// <summary>In the order of their places.</summary>
    public IReadOnlyList<ConfigurationFault> Faults => InOrder(_faults);

    /// <summary>In the order of their places.</summary>
    public IReadOnlyList<ConfigurationFault> Warnings => InOrder(_warnings);

    public void Add(Place place, string message) => _faults.Add(At(place, message));

    public void Warn(Place place, string message) => _warnings.Add(At(place, message));

    private ConfigurationFault At(Place place, string message) => new(file, place.Line, place.Column, message);

    private static List<ConfigurationFault> InOrder(List<ConfigurationFault> faults) =>
        [.. faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)];
}
