namespace HookGateway.Load.Measuring;

/// <summary>What stands for many samples.</summary>
internal static class Percentile
{
    /// <summary>The smallest sample that at least so many of 100 do not exceed; NaN where there are none.</summary>
    public static double Of(IEnumerable<double> samples, double percent)
    {
        var ascending = samples.Order().ToArray();
        return ascending.Length == 0
            ? double.NaN
            : ascending[Math.Clamp((int)Math.Ceiling(percent / 100 * ascending.Length) - 1, 0, ascending.Length - 1)];
    }

    /// <summary>The middle one, or halfway between the two in the middle; NaN where there are none.</summary>
    public static double Median(IEnumerable<double> samples)
    {
        var ascending = samples.Order().ToArray();
        return ascending.Length == 0
            ? double.NaN
            : (ascending[(ascending.Length - 1) / 2] + ascending[ascending.Length / 2]) / 2;
    }

    /// <summary>The geometric mean, which is the fair one of ratios: of a half and a double it is one.</summary>
    public static double Mean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));
}
