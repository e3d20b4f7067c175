import Foundation
import Genera
import GeneraTesting
import Testing

/// A new package's plugin, compiled against the built library: in seconds, as often as something changes.
@Suite(.serialized, .tags(.slow)) struct PluginBuildTests {
    private static let made = Result { try Workshop(following: false) }
    private let workshop: Workshop

    init() throws { workshop = try Self.made.get() }

    /// What plugins are compiled against, where `make build` has not left it.
    private let prepare = """
        set -e
        place=$(dirname "$(command -v genera)")
        [ -d "$place/sdk/modules" ] || '\(Golden.repository)'/scripts/sdk "$place"
        """

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let began = Date()
        try body()
        return Date().timeIntervalSince(began)
    }

    @Test func aNewPackageIsBuiltChangedInstalledAndDrawnFrom() throws {
        let first = try seconds {
            let outcome = workshop.run(
                """
                \(prepare)
                genera plugin new spirals
                cd spirals
                genera plugin build --install
                genera train spirals --config train.yaml --steps 200 --out runs/first -q
                genera sample spirals --checkpoint runs/first --count 500 --seed 7 --out one.png
                """)
            #expect(outcome.status == 0, "\(outcome)")
            let picture = try PNG.read(workshop.folder.file("spirals/one.png"))
            #expect(picture.width > 100)
        }
        let again = try seconds {
            try "extension SpiralsFamily { static let addition = \"a file more\" }\n".write(
                toFile: workshop.folder.file("spirals/Sources/Spirals/Addition.swift"), atomically: true,
                encoding: .utf8)
            let path = workshop.folder.file("spirals/Sources/Spirals/SpiralsFamily.swift")
            let family = try String(contentsOfFile: path, encoding: .utf8)
            try family.replacing("\"Points in the plane by flow matching.\"", with: "\"Spirals, \" + addition")
                .write(toFile: path, atomically: true, encoding: .utf8)
            let outcome = workshop.run(
                "genera plugin build spirals && genera plugin install --force spirals/.build/genera/libSpirals.so")
            #expect(outcome.status == 0, "\(outcome)")
        }
        print("genera plugin build: new package to picture \(first) s, a file more \(again) s")
        #expect(first < 120 && again < 15, "\(first) s, \(again) s")
        let told = workshop.run("genera list; cd spirals; genera reproduce one.png")
        #expect(told.status == 0 && told.output.contains("Spirals, a file more"), "\(told)")
        #expect(told.error.contains("is not the one that the file was made with (SHA-256"), "\(told)")
        // The same model from another build of the same sources, and the same bytes of configuration from another process.
        let bytes = workshop.run(
            """
            set -e
            cd spirals
            genera train spirals --config train.yaml --steps 200 --out runs/second -q
            cmp runs/first/model.safetensors runs/second/model.safetensors
            genera inspect runs/second/model.safetensors | grep weights
            genera config defaults spirals > defaults.yaml
            genera sample spirals --checkpoint runs/first --count 40 --out points.npy -q
            genera --plugin .build/genera/libSpirals.so evaluate spirals --checkpoint runs/first --count 40 --reference points.npy \
                --bootstrap 0 --measures energy --json -q | grep '"command": "genera --plugin .build/genera/libSpirals.so evaluate spirals'
            # What memory is free changes from run to run.
            genera train spirals --dry-run --out x | grep -v ^memory > bare
            genera train spirals --dry-run --out x --config defaults.yaml | grep -v ^memory | cmp - bare
            """)
        #expect(bytes.status == 0, "\(bytes)")
    }

    @Test func anInstalledProgramBuildsToo() throws {
        let outcome = workshop.run(
            """
            \(prepare)
            mkdir -p prefix/lib/genera
            cp "$place/genera" "$place/libGenera.so" prefix/lib/genera/
            '\(Golden.repository)'/scripts/sdk "$place" prefix/lib/genera
            test ! -L prefix/lib/genera/sdk/modules
            prefix/lib/genera/genera plugin new rings
            prefix/lib/genera/genera plugin build rings
            prefix/lib/genera/genera --plugin rings/.build/genera/libRings.so list | grep rings
            """)
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func whatNeedsMoreThanGeneraIsLeftToSwiftPM() throws {
        let made = workshop.run("\(prepare)\ngenera plugin new knots")
        #expect(made.status == 0, "\(made)")
        let path = workshop.folder.file("knots/Package.swift")
        let manifest = try String(contentsOfFile: path, encoding: .utf8)
        let cases: [(old: String, new: String, status: Int32, told: String)] = [
            (
                "targets: [\n        // Depend", "targets: [.target(name: \"CKnots\"),\n        // Depend", 0, ""
            ),
            (
                "name: \"Knots\", dependencies: [", "name: \"Knots\", dependencies: [\"CKnots\", ", 69,
                "needs CKnots, and this command builds one target that needs Genera alone. Use `swift build -c release --product Knots`"
            ),
            ("type: .dynamic, ", "", 65, "has no product that is a dynamic library"),
        ]
        for (old, new, status, told) in cases {
            try #require(manifest.contains(old), "\(old)")
            try manifest.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
            let outcome = workshop.run("genera plugin build knots")
            #expect(outcome.status == status && (told.isEmpty || outcome.error.contains(told)), "\(new): \(outcome)")
        }
        try manifest.write(toFile: path, atomically: true, encoding: .utf8)
        try "let broken: Int = \"\"\n".write(
            toFile: workshop.folder.file("knots/Sources/Knots/Broken.swift"), atomically: true, encoding: .utf8)
        let broken = workshop.run("genera plugin build knots")
        #expect(broken.status == 65 && broken.complaint == "genera: knots: does not compile, see above", "\(broken)")
        #expect(broken.error.contains("Broken.swift:1:"), "\(broken)")
    }
}
