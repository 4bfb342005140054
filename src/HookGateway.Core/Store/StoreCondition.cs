namespace HookGateway.Store;

/// <summary>What is to be said of a store that can be written.</summary>
public sealed record StoreCondition
{
    /// <summary>Nothing.</summary>
    public static StoreCondition Sound { get; } = new();

    /// <summary>
    /// Why no event is accepted although the store can be written: it promises less than it is asked for. The message says what to set.
    /// <see langword="null"/> where events are accepted. What is stored is delivered all the same.
    /// </summary>
    public string? Refusal { get; init; }

    /// <summary>What an operator should know, a sentence or two each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
