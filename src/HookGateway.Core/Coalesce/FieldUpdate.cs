namespace HookGateway.Coalesce;

/// <summary>One change of one field, as an event tells it.</summary>
/// <param name="Field">What was changed.</param>
/// <param name="Timestamp">When, in ticks of UTC: finer than any sender's clock, so that every notation compares with every other.</param>
/// <param name="ValueHash">Tells two values apart that the sender dates alike.</param>
/// <param name="Json">The change as it stands in the body.</param>
internal sealed record FieldUpdate(string Field, long Timestamp, long ValueHash, string Json);
