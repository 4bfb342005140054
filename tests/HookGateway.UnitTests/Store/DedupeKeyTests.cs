using System.Globalization;
using System.Text;
using HookGateway.Store;
using Xunit;

namespace HookGateway.UnitTests.Store;

/// <summary>Marks are kept in stores: these values, made with Python's hashlib, must never change.</summary>
public sealed class DedupeKeyTests
{
    [Theory]
    [InlineData("sysaid", "148", "cf8104665f8cc151aed6011f9409bba1")]
    [InlineData("sé", "ü", "c5472182e62fc9dc1111a65a7c63b31e")]
    public void OfId_KeepsItsValues(string source, string id, string expected) =>
        Assert.Equal(Parse(expected), DedupeKey.OfId(source, id).Value);

    [Theory]
    [InlineData(0, "1a3f344b07bb4de25c4e1a2fcc45ef09")]
    [InlineData(10, "388ed7a371fbe87cd2d1ee06fa7a68b3")]
    [InlineData(4085, "585a38d63c04619a6c05cedfd14ef5c7")]
    [InlineData(4086, "95c545cfd269eec09a5ecf53486239ad")]
    [InlineData(100_000, "88b729d77d44968599859c7130b7584c")]
    public void OfContent_KeepsItsValues_WhateverTheLength(int length, string expected) =>
        Assert.Equal(Parse(expected), DedupeKey.OfContent("sysaid", Encoding.ASCII.GetBytes(new string('x', length))).Value);

    [Fact]
    public void OfId_LongerThanTheStackTakes_IsStillTheHashOfItAll() =>
        Assert.Equal(Parse("1959db6c02ac5ec0390f2aee89bd488b"), DedupeKey.OfId("sysaid", new string('i', 3000)).Value);

    private static UInt128 Parse(string hex) => UInt128.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
