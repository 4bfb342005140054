namespace HookGateway.Configuration;

/// <summary>A value under <c>vars</c>, as templates see it. Closed: one of the nested kinds.</summary>
public abstract record VariableValue
{
    private VariableValue()
    {
    }

    /// <summary>One value.</summary>
    /// <param name="Value">As it stands in the file, whatever YAML takes it for; not empty.</param>
    public sealed record Text(string Value) : VariableValue;

    /// <summary>Several values.</summary>
    /// <param name="Items">In the file's order.</param>
    public sealed record List(IReadOnlyList<string> Items) : VariableValue;

    /// <summary>Names and their values.</summary>
    /// <param name="Entries">In the file's order; case counts.</param>
    public sealed record Map(IReadOnlyDictionary<string, VariableValue> Entries) : VariableValue
    {
        /// <summary>No <c>vars</c>.</summary>
        public static Map Empty { get; } = new(new Dictionary<string, VariableValue>());
    }
}
