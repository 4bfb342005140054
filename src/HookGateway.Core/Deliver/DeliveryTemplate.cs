using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fluid;
using Fluid.Values;
using HookGateway.Configuration;
using HookGateway.Configuration.Reading;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>What is posted: bytes and their Content-Type.</summary>
internal readonly record struct DeliveryBody(ReadOnlyMemory<byte> Bytes, string? ContentType);

/// <summary>A destination's Liquid template. Any thread; no event makes it throw, or hold a thread for long.</summary>
internal sealed class DeliveryTemplate
{
    private const int MaxSteps = 100_000;
    private const int MaxRecursion = 50;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IFluidTemplate _template;
    private readonly TemplateConfiguration _configuration;
    private readonly FluidValue _vars;
    private readonly TimeProvider _time;

    /// <exception cref="FormatException">It is no Liquid; the configuration was not checked.</exception>
    public DeliveryTemplate(TemplateConfiguration configuration, TimeProvider time)
    {
        _configuration = configuration;
        _vars = VarsValue.Of(configuration.Vars);
        _time = time;
        _template = TemplateSyntax.TryParse(configuration.Text, out var template, out var fault)
            ? template
            : throw new FormatException(fault);
    }

    /// <summary>Renders it for an event.</summary>
    /// <param name="webhookEvent">What it is about, with those of its headers that the template may see.</param>
    /// <param name="body">What to post.</param>
    /// <param name="problem">Why there is none, without a piece of the event.</param>
    public bool TryRender(WebhookEvent webhookEvent, out DeliveryBody body, [NotNullWhen(false)] out string? problem)
    {
        body = default;
        using var output = new BoundedWriter(_time, MaxTime);
        try
        {
            // Nothing in it waits: the writer is memory, and templates include no others.
            _template.RenderAsync(output, Context(webhookEvent, output), NullEncoder.Default, isolateContext: false)
                .AsTask().GetAwaiter().GetResult();
            body = new DeliveryBody(Encoding.UTF8.GetBytes(output.ToString()), _configuration.ContentType);
            problem = null;
            return true;
        }
        catch (TemplateFault fault)
        {
            problem = fault.Message;
        }
        catch (FluidException fault) when (fault.Message.StartsWith("Undefined variable", StringComparison.Ordinal))
        {
            problem = "the event does not have a variable that the template asks for";
        }
        catch (InvalidOperationException)
        {
            problem = $"the template took more than {MaxSteps} steps";
        }
        catch (Exception fault)
        {
            // The library's messages can quote the event.
            problem = $"the template failed ({fault.GetType().Name})";
        }

        return false;
    }

    private TemplateContext Context(WebhookEvent webhookEvent, BoundedWriter output)
    {
        var options = new TemplateOptions
        {
            MaxSteps = MaxSteps,
            MaxRecursion = MaxRecursion,
            StrictVariables = _configuration.Strict,
            Now = _time.GetUtcNow,
            TimeZone = TimeZoneInfo.Utc,
            JsonSerializerOptions = Json,

            // Values that double at each step would fill the memory long before there are too many steps.
            Assigned = (_, value, _) => output.Check(value),
            Captured = (_, value, _) => output.Check(value),
        };
        TemplateFilters.AddTo(options.Filters);
        var context = new TemplateContext(options);
        context.SetValue("body", BodyValue.Of(webhookEvent.Body));
        context.SetValue("headers", HeadersValue.Of(webhookEvent.Headers));
        context.SetValue("vars", _vars);
        context.SetValue("event", new StringValue(webhookEvent.Name));
        context.SetValue("source", new StringValue(webhookEvent.Source));
        context.SetValue("id", new StringValue(webhookEvent.Id.ToString()));
        return context;
    }
}
