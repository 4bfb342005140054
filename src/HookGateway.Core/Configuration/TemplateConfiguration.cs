namespace HookGateway.Configuration;

/// <summary><c>template</c> of a destination: what it is sent in place of the sender's body.</summary>
public sealed record TemplateConfiguration
{
    /// <summary>The Liquid file, as it was read when the configuration was: 256 KiB at most.</summary>
    public required string Text { get; init; }

    /// <summary><c>vars</c> of the configuration, which the template reads as <c>vars</c>. Default none.</summary>
    public VariableValue.Map Vars { get; init; } = VariableValue.Map.Empty;

    /// <summary>Whether a variable that the event does not have fails the attempt, in place of being empty. Default no.</summary>
    public bool Strict { get; init; }

    /// <summary>The Content-Type of what it gives. Default <c>application/json</c>.</summary>
    public string ContentType { get; init; } = "application/json";
}
