namespace HookGateway.Configuration.Yaml;

/// <summary>A place in the file; line and column from 1, both 0 where there is none.</summary>
internal readonly record struct Place(int Line, int Column);
