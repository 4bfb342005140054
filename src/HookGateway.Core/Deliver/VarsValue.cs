using Fluid;
using Fluid.Values;
using HookGateway.Configuration;

namespace HookGateway.Deliver;

/// <summary><c>vars</c> of the configuration as a template sees them: never changed, so that all events share one.</summary>
internal static class VarsValue
{
    public static FluidValue Of(VariableValue value) => value switch
    {
        VariableValue.Text text => new StringValue(text.Value),
        VariableValue.List list => new ArrayValue(list.Items.Select(item => (FluidValue)new StringValue(item)).ToArray()),
        VariableValue.Map map => new DictionaryValue(new FluidValueDictionaryFluidIndexable(
            map.Entries.ToDictionary(entry => entry.Key, entry => Of(entry.Value), StringComparer.Ordinal))),
        _ => NilValue.Instance,
    };
}
