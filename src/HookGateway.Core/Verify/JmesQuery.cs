using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
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
internal sealed partial class JmesQuery
{
    private static readonly JsonPathTree NoPaths = new();

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

    /// <summary>Reads a body of which nothing is known yet; a byte order mark before it is passed over.</summary>
    /// <returns>The document, or <see langword="null"/> and the problem, without a piece of the body.</returns>
    public static JToken? TryParse(ReadOnlySpan<byte> body, out string? problem)
    {
        if (body.StartsWith("\uFEFF"u8)) body = body["\uFEFF"u8.Length..];
        problem = NoPaths.Read(body, []);
        if (problem is not null) return null;
        try
        {
            return Parse(body);
        }
        catch (JsonException)
        {
            problem = "The body holds a number of more digits than can be read.";
            return null;
        }
    }

    /// <summary>
    /// Whether the expression holds of a document, as JMESPath defines it: <c>false</c>, <c>null</c> and an empty text, array
    /// or object do not; everything else does, 0 too.
    /// </summary>
    /// <returns><see langword="null"/> where it fails, with the kind of the failure in <paramref name="problem"/>.</returns>
    public bool? Test(JToken document, out string? problem)
    {
        problem = null;
        var expression = _expressions.Get();
        try
        {
            var result = expression.Transform(document).AsJToken();
            _expressions.Return(expression);
            return result switch
            {
                null => false,
                JContainer container => container.Count > 0,
                { Type: JTokenType.Null or JTokenType.Undefined } => false,
                { Type: JTokenType.Boolean } => (bool)result,
                { Type: JTokenType.String } => ((string)result!).Length > 0,
                _ => true,
            };
        }
        catch (Exception fault)
        {
            // Not returned to the pool: it may hold on to the scopes it was in. The library's message can quote the body.
            problem = ErrorPattern().Match(fault.Message) is { Success: true } match ? match.Value : fault.GetType().Name;
            return null;
        }
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

    // The errors that the specification names.
    [GeneratedRegex("invalid-type|invalid-value|unknown-function|invalid-arity|not-a-number|undefined-variable")]
    private static partial Regex ErrorPattern();

    private sealed class Policy(string text) : PooledObjectPolicy<JmesPathExpression>
    {
        public override JmesPathExpression Create() => new JmesPath().Parse(text);

        public override bool Return(JmesPathExpression obj) => true;
    }
}
