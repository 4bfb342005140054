using System.Globalization;
using System.Text;
using DevLab.JmesPath;
using DevLab.JmesPath.Expressions;
using Microsoft.Extensions.ObjectPool;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HookGateway.Verify;

/// <summary>
/// A JMESPath expression that needs the whole document: 10 to 20 times the cost of a plain path. Values are texts as
/// <see cref="JsonSlice.ToText"/> makes them, except that a fraction may be written otherwise than in the body.
/// </summary>
internal sealed class JmesQuery
{
    // One compiled expression must not be used by two threads at once: `$` and `let` keep the document of the one in the
    // other's evaluation.
    private readonly DefaultObjectPool<JmesPathExpression> _expressions;

    private JmesQuery(string text)
    {
        var policy = new Policy(text);
        _expressions = new DefaultObjectPool<JmesPathExpression>(policy);
        _expressions.Return(policy.Create());
    }

    /// <exception cref="FormatException">The message is the library's, which says where the fault is.</exception>
    public static JmesQuery Compile(string text)
    {
        try
        {
            return new JmesQuery(text);
        }
        catch (Exception fault)
        {
            // The library throws nothing more specific.
            throw new FormatException($"`{text}` is not JMESPath: {fault.Message}", fault);
        }
    }

    /// <summary>Reads a body already known to be valid JSON, nested no deeper than <see cref="JsonPathTree.MaxDepth"/>.</summary>
    /// <exception cref="JsonException">A number in it is beyond what the library reads.</exception>
    public static JToken Parse(ReadOnlySpan<byte> body)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(body)))
        {
            DateParseHandling = DateParseHandling.None,
            MaxDepth = JsonPathTree.MaxDepth,
        };
        return JToken.ReadFrom(reader);
    }

    /// <summary>Evaluates the expression.</summary>
    /// <returns>
    /// The value and whether it is an object or an array; neither where the expression gives none, or does not fit the
    /// document (<c>join</c> over something absent).
    /// </returns>
    public (string? Text, bool IsStructure) Evaluate(JToken document)
    {
        var expression = _expressions.Get();
        JToken? result;
        try
        {
            result = expression.Transform(document).AsJToken();
        }
        catch (Exception)
        {
            // Not returned to the pool: it may hold on to the scopes it was in.
            return (null, false);
        }

        _expressions.Return(expression);
        return result switch
        {
            JContainer => (null, true),
            JValue { Type: JTokenType.Boolean } value => ((bool)value ? "true" : "false", false),
            JValue value => (Convert.ToString(value.Value, CultureInfo.InvariantCulture), false),
            _ => (null, false),
        };
    }

    private sealed class Policy(string text) : PooledObjectPolicy<JmesPathExpression>
    {
        public override JmesPathExpression Create() => new JmesPath().Parse(text);

        public override bool Return(JmesPathExpression obj) => true;
    }
}
