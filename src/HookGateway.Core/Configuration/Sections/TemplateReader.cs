using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>template</c> of a destination: a file's name, or a mapping that names one and says more.</summary>
internal static class TemplateReader
{
    private const string Key = "template";
    private const int MaxBytes = 256 * 1024;

    private static readonly Kind<bool> YesOrNo = Kinds.OneOf(("true", true), ("false", false));

    private static readonly Kind<string> MediaType = Kinds.Matching(
        "a media type such as text/plain",
        text => text.All(c => c is >= ' ' and <= '~')
            && System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(text, out _));

    public static TemplateConfiguration? Read(MappingReader destination)
    {
        if (!destination.Has(Key))
            return null;
        if (!destination.IsMapping(Key))
            return new TemplateConfiguration { Text = Load(destination, Key) };
        return destination.Section<TemplateConfiguration?>(Key, ReadMapping, null);
    }

    private static TemplateConfiguration ReadMapping(MappingReader template)
    {
        if (!template.Has("file"))
            template.FaultHere("needs file: a Liquid file");
        var defaults = new TemplateConfiguration { Text = Load(template, "file") };
        return defaults with
        {
            Strict = template.Value("strict", YesOrNo, defaults.Strict),
            ContentType = template.Value("contentType", MediaType, defaults.ContentType),
        };
    }

    private static string Load(MappingReader reader, string key)
    {
        if (reader.Value(key, Kinds.Text) is not { } path)
            return "";
        var text = TextFile.Read(reader.Absolute(path), MaxBytes, out var fault);
        if (text is null)
            reader.Fault(key, $"the file {fault}");
        else if (!TemplateSyntax.TryParse(text, out _, out fault))
            reader.Fault(key, $"the file is no Liquid template: {fault}");
        return text ?? "";
    }
}
