using System.Globalization;
using Google.Protobuf;

namespace HookGateway.Testing.Telemetry;

/// <summary>
/// Reads what of OTLP the tests look at, by the field numbers of opentelemetry-proto 1.x (trace, metrics, logs and common
/// v1), straight from the wire: the exporter is tested against something that shares no code with it.
/// </summary>
internal static class OtlpMessages
{
    /// <summary>An <c>ExportTraceServiceRequest</c>.</summary>
    public static List<ReceivedSpan> Spans(byte[] request)
    {
        var spans = new List<ReceivedSpan>();
        EachInScopes(request, (resource, span) => spans.Add(Span(span) with { Resource = resource }));
        return spans;
    }

    /// <summary>An <c>ExportMetricsServiceRequest</c>.</summary>
    public static List<ReceivedPoint> Points(byte[] request)
    {
        var points = new List<ReceivedPoint>();
        EachInScopes(request, (_, metric) => points.AddRange(Metric(metric)));
        return points;
    }

    /// <summary>An <c>ExportLogsServiceRequest</c>.</summary>
    public static List<ReceivedLog> Logs(byte[] request)
    {
        var logs = new List<ReceivedLog>();
        EachInScopes(request, (_, log) => logs.Add(Log(log)));
        return logs;
    }

    // All three requests nest alike: resources (1) with a resource (1) and scopes (2), which hold the items (2).
    private static void EachInScopes(byte[] request, Action<IReadOnlyDictionary<string, string>, byte[]> take)
    {
        foreach (var group in Fields(request).Where(field => field.Number == 1))
        {
            var inGroup = Fields(group.Bytes).ToList();
            var resource = Attributes(inGroup.Where(field => field.Number == 1).SelectMany(field => Fields(field.Bytes)), number: 1);
            foreach (var scope in inGroup.Where(field => field.Number == 2))
            {
                foreach (var item in Fields(scope.Bytes).Where(field => field.Number == 2))
                    take(resource, item.Bytes);
            }
        }
    }

    private static ReceivedSpan Span(byte[] message)
    {
        var fields = Fields(message).ToList();
        var status = Fields(Bytes(fields, 15)).ToList();
        return new ReceivedSpan
        {
            TraceId = Hex(fields, 1),
            SpanId = Hex(fields, 2),
            ParentSpanId = Hex(fields, 4),
            Name = Text(fields, 5),
            Kind = (SpanKind)Number(fields, 6),
            Start = Time(fields, 7),
            End = Time(fields, 8),
            Attributes = Attributes(fields, 9),
            Events = [.. fields.Where(field => field.Number == 11).Select(field => Text([.. Fields(field.Bytes)], 2))],
            Links = [.. fields.Where(field => field.Number == 13).Select(field => Link([.. Fields(field.Bytes)]))],
            StatusMessage = Text(status, 2),
            Status = (SpanStatus)Number(status, 3),
        };
    }

    private static (string TraceId, string SpanId) Link(List<Field> fields) => (Hex(fields, 1), Hex(fields, 2));

    private static IEnumerable<ReceivedPoint> Metric(byte[] message)
    {
        const int Gauge = 5, Sum = 7, Histogram = 9, ExponentialHistogram = 10;
        var fields = Fields(message).ToList();
        foreach (var data in fields.Where(field => field.Number is Gauge or Sum or Histogram or ExponentialHistogram))
        {
            foreach (var point in Fields(data.Bytes).Where(field => field.Number == 1))
            {
                var inPoint = Fields(point.Bytes).ToList();
                var isNumber = data.Number is Gauge or Sum;
                var attributes = Attributes(inPoint, data.Number switch { ExponentialHistogram => 1, Histogram => 9, _ => 7 });
                var value = isNumber ? NumberValue(inPoint) : Number(inPoint, 4);
                yield return new ReceivedPoint(Text(fields, 1), Text(fields, 3), attributes, value);
            }
        }
    }

    private static double NumberValue(List<Field> point)
    {
        const int AsDouble = 4, AsInt = 6;
        var value = point.LastOrDefault(field => field.Number is AsDouble or AsInt);
        return value.Number == AsDouble ? BitConverter.UInt64BitsToDouble(value.Value) : (long)value.Value;
    }

    private static ReceivedLog Log(byte[] message)
    {
        var fields = Fields(message).ToList();
        return new ReceivedLog(Any(Bytes(fields, 5)), Text(fields, 3), Hex(fields, 9), Attributes(fields, 6));
    }

    private static Dictionary<string, string> Attributes(IEnumerable<Field> fields, int number)
    {
        var attributes = new Dictionary<string, string>();
        foreach (var attribute in fields.Where(field => field.Number == number))
        {
            var pair = Fields(attribute.Bytes).ToList();
            attributes[Text(pair, 1)] = Any(Bytes(pair, 2));
        }

        return attributes;
    }

    private static string Any(byte[] message)
    {
        const int String = 1, Bool = 2, Int = 3, Double = 4, Array = 5;
        var value = Fields(message).LastOrDefault();
        return value.Number switch
        {
            String => System.Text.Encoding.UTF8.GetString(value.Bytes),
            Bool => value.Value == 1 ? "true" : "false",
            Int => ((long)value.Value).ToString(CultureInfo.InvariantCulture),
            Double => BitConverter.UInt64BitsToDouble(value.Value).ToString(CultureInfo.InvariantCulture),
            Array => string.Join(',', Fields(value.Bytes).Select(element => Any(element.Bytes))),
            _ => "",
        };
    }

    private static byte[] Bytes(List<Field> fields, int number) => fields.LastOrDefault(field => field.Number == number).Bytes ?? [];

    private static string Text(List<Field> fields, int number) => System.Text.Encoding.UTF8.GetString(Bytes(fields, number));

    private static string Hex(List<Field> fields, int number) => Convert.ToHexStringLower(Bytes(fields, number));

    private static ulong Number(List<Field> fields, int number) => fields.LastOrDefault(field => field.Number == number).Value;

    private static DateTimeOffset Time(List<Field> fields, int number) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(Number(fields, number) / 100));

    private static IEnumerable<Field> Fields(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            yield return WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => new Field(number, input.ReadUInt64(), []),
                WireFormat.WireType.Fixed64 => new Field(number, input.ReadFixed64(), []),
                WireFormat.WireType.Fixed32 => new Field(number, input.ReadFixed32(), []),
                WireFormat.WireType.LengthDelimited => new Field(number, 0, input.ReadBytes().ToByteArray()),
                var other => throw new InvalidDataException($"OTLP has no fields of wire type {other}."),
            };
        }
    }

    private readonly record struct Field(int Number, ulong Value, byte[] Bytes);
}
