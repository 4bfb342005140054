using System.Diagnostics.CodeAnalysis;
using Fluid;
using Fluid.Ast;
using HookGateway.Deliver;

namespace HookGateway.Configuration.Reading;

/// <summary>Parses Liquid, and finds what the parser lets pass and no rendering could do.</summary>
internal static class TemplateSyntax
{
    private const int MaxRange = 10_000;

    private static readonly FluidParser Parser = new();
    private static readonly TemplateOptions Known = new();

    static TemplateSyntax() => TemplateFilters.AddTo(Known.Filters);

    /// <summary>Gives a template that any number of threads may render, or what is wrong with the text and where in it.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out IFluidTemplate? template, [NotNullWhen(false)] out string? fault)
    {
        if (!Parser.TryParse(text, out template, out var error))
        {
            // What follows the first line quotes the template.
            fault = error.Split('\n', 2)[0].Trim();
            return false;
        }

        var check = new Check();
        check.VisitTemplate(template);
        fault = check.Fault;
        return fault is null;
    }

    private sealed class Check : AstVisitor
    {
        public string? Fault { get; private set; }

        protected override Expression VisitFilterExpression(FilterExpression filterExpression)
        {
            if (!Known.Filters.TryGetValue(filterExpression.Name, out _))
                Fault ??= $"unknown filter {Quote.Of(filterExpression.Name)}";
            return base.VisitFilterExpression(filterExpression);
        }

        // A range is made whole before its first step: its length must not be the sender's choice, nor large.
        protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
        {
            if (!IsBounded(rangeExpression.From) || !IsBounded(rangeExpression.To))
                Fault ??= $"a range needs two numbers from 0 to {MaxRange}";
            return base.VisitRangeExpression(rangeExpression);
        }

        protected override Statement VisitIncludeStatement(IncludeStatement includeStatement) => Other(includeStatement);

        protected override Statement VisitRenderStatement(RenderStatement renderStatement) => Other(renderStatement);

        private static bool IsBounded(Expression expression) =>
            expression is LiteralExpression literal && literal.Value.ToNumberValue() is >= 0 and <= MaxRange;

        private Statement Other(Statement statement)
        {
            Fault ??= "a template cannot include another";
            return statement;
        }
    }
}
