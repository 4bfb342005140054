using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace HookGateway.Host.Commands;

/// <summary>Options that take a number within bounds.</summary>
internal static class NumberOption
{
    /// <summary>An option.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="description">For <c>--help</c>.</param>
    /// <param name="least">The smallest number allowed.</param>
    /// <param name="most">The largest.</param>
    /// <param name="value">What it is where it is not given; <see langword="null"/> where the description says what happens then.</param>
    public static Option<T?> Option<T>(string name, string description, T least, T most, T? value = null)
        where T : struct, INumber<T>
    {
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
                    return number;
                result.AddError($"{name}: '{text}' is no number from {least} to {most}.");
                return null;
            },
        };
        if (value is not null)
            option.DefaultValueFactory = _ => value;
        return option;
    }
}
