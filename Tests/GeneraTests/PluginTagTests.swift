import Genera
import Testing

/// Tags of plugins are read out of libraries that nobody has looked at yet.
@Suite struct PluginTagTests {
    private static let mark = PluginTag.current.description.prefix { $0 != " " }

    @Test("A tag comes back from its text")
    func roundTrip() {
        #expect(PluginTag(PluginTag.current.description) == .current)
        let tag = PluginTag("\(Self.mark) abi=2; genera=0.3.0; core=ab; system=linux; compiler=60301 C; x=y")
        #expect(tag?.abi == 2 && tag?.core == "ab" && tag?.system == "linux" && tag?.compiler == "60301 C; x=y")
        #expect(tag?.swiftVersion == "6.3.1")
    }

    @Test(
        "Damaged tags are none, or without what is damaged",
        arguments: ["", " abi=1", " abi; =1; genera=x", " ; =;=; "])
    func damaged(text: String) { #expect(PluginTag(Self.mark + text) == nil) }

    @Test("A part without a value does no harm to the others")
    func noValue() {
        let tag = PluginTag("\(Self.mark) abi=1; genera=0.3.0; x; =; system=a; compiler=b")
        #expect(tag?.genera == "0.3.0" && tag?.system == "a" && tag?.compiler == "b")
    }
}
