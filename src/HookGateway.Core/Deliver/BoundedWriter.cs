using System.Globalization;
using System.Text;
using Fluid.Values;

namespace HookGateway.Deliver;

/// <summary>A template's output, with a limit on its length and on the time until it is whole.</summary>
internal sealed class BoundedWriter(TimeProvider time, TimeSpan limit) : StringWriter(CultureInfo.InvariantCulture)
{
    /// <summary>Characters: 1 Mi.</summary>
    internal const int MaxLength = 1024 * 1024;

    private readonly long _began = time.GetTimestamp();

    /// <exception cref="TemplateFault">It is too long, or time is over.</exception>
    public override void Write(char value)
    {
        Check(1);
        base.Write(value);
    }

    /// <inheritdoc cref="Write(char)"/>
    public override void Write(string? value)
    {
        Check(value?.Length ?? 0);
        base.Write(value);
    }

    /// <inheritdoc cref="Write(char)"/>
    public override void Write(char[] buffer, int index, int count)
    {
        Check(count);
        base.Write(buffer, index, count);
    }

    /// <inheritdoc cref="Write(char)"/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        Check(buffer.Length);
        base.Write(buffer);
    }

    /// <summary>A value that the template keeps counts like output, by itself.</summary>
    /// <exception cref="TemplateFault">It is too long, or time is over.</exception>
    public ValueTask<FluidValue> Check(FluidValue value)
    {
        if (value is StringValue && value.ToStringValue().Length > MaxLength)
            throw new TemplateFault($"the template keeps more than {MaxLength} characters");

        Check(0);
        return new ValueTask<FluidValue>(value);
    }

    private void Check(int more)
    {
        if (GetStringBuilder().Length + more > MaxLength)
            throw new TemplateFault($"the template gives more than {MaxLength} characters");

        if (time.GetElapsedTime(_began) > limit)
            throw new TemplateFault($"the template took more than {limit.TotalSeconds:0.###} s");
    }
}

/// <summary>A template that went beyond its limits; the message may be shown.</summary>
internal sealed class TemplateFault(string message) : Exception(message);
