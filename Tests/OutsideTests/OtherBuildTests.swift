import Foundation
import Genera
import GeneraTesting
import Testing

/// A plugin that was built against other sources of the same version.
@Suite(.serialized, .tags(.slow)) struct OtherBuildTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop(following: false) }

    @Test func aPluginBuiltAgainstOneMoreStoredPropertyIsRefusedUntilItIsBuiltAgain() throws {
        try BadPlugins.writeGood(into: workshop.folder.file("good"), genera: "changed")
        let library = "good/.build/debug/libGood.so"
        let built = workshop.run(
            """
            set -e
            git clone -q genera.git changed -b \(Version.current)
            cd good
            swift build --product Good
            """)
        #expect(built.status == 0, "\(built)")
        // A copy of the same sources is the same core, also in a build for debugging.
        let same = workshop.run("genera --plugin \(library) list")
        #expect(same.status == 0 && same.output.contains("good"), "\(same)")
        let installed = workshop.run("genera plugin install \(library)")
        #expect(installed.status == 0, "\(installed)")

        let changed = workshop.run(
            """
            set -e
            file=changed/Sources/Genera/Families/Citation.swift
            sed -i '0,/    public let title: String/s//    public var edition = 1\\n    public let title: String/' $file
            grep -q 'public var edition' $file
            cd good
            swift build --product Good
            """)
        #expect(changed.status == 0, "\(changed)")
        let core = PluginTag.current.core.prefix(8)
        let reason = "was built against another build of Genera \(Version.current) (core "
        let told = workshop.run("genera --plugin \(library) list")
        #expect(told.status == 65 && told.complaint.contains(reason), "\(told)")
        #expect(told.complaint.contains("), but this program's core is \(core). Build it again"), "\(told)")
        #expect(told.output.isEmpty, "\(told)")
        #expect(workshop.run("genera plugin install --force \(library)").status == 65)
        // What is installed is told by its description, and passed over.
        let passed = workshop.run(
            """
            set -e
            cp \(library) data/genera/plugins/libGood.so
            sed -i 's/core=[0-9a-f]*/core=0123456789abcdef/' data/genera/plugins/Good.genera-plugin.json
            genera list
            genera plugin remove Good
            """)
        #expect(passed.status == 0 && passed.error.contains(reason + "01234567)"), "\(passed)")

        let restored = workshop.run(
            """
            set -e
            git -C changed checkout -q .
            cd good
            swift build --product Good
            """)
        #expect(restored.status == 0, "\(restored)")
        #expect(workshop.run("genera --plugin \(library) list").status == 0)
    }
}
