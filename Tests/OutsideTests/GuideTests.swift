import Foundation
import Genera
import GeneraTesting
import Testing

extension Tag {
    /// Minutes.
    @Tag static var slow: Self
}

/// Packages outside the project: the guide's, word for word, and what else their authors may do.
@Suite(.serialized, .tags(.slow)) struct GuideTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop.guided.get() }

    @Test func everyCommandOfTheGuideWorks() throws {
        #expect(workshop.guide.status == 0, "\(workshop.guide)")
        for picture in ["two-moons/two-moons.png", "two-moons/way.png", "mixture/points.png", "mixture/trained.png"] {
            let image = try PNG.read(workshop.folder.file(picture))
            #expect(image.width >= 100 && image.height >= 100, "\(picture)")
            #expect(try PNG.encode(image).count > 4000, "\(picture) is not blank")
        }
        let log = try String(contentsOfFile: "\(workshop.scaffolded)/runs/first/metrics.jsonl", encoding: .utf8)
        struct Line: Decodable { let loss: Double }
        let losses = try log.split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).loss
        }
        #expect(try #require(losses.last) < 0.75 * (try #require(losses.first)))
    }

    @Test func theFamilyByHandFitsInAHundredLines() throws {
        let source = try String(contentsOfFile: "\(workshop.package)/Sources/Mixture/Mixture.swift", encoding: .utf8)
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 100)
    }

    /// A verb, a sample format, a measure, a model format and a trainer of a plugin's own, loaded at run time.
    @Test func whatAFamilyBringsComesAlongAtRunTime() throws {
        let rose = try String(contentsOfFile: "\(workshop.package)/rose.csv", encoding: .utf8)
        let counts = rose.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: ",").last.flatMap { Int($0) }
        }
        #expect(counts.count == 8 && counts.reduce(0, +) == 400, "\(rose)")
        let model = try String(contentsOfFile: "\(workshop.package)/turned.compass", encoding: .utf8)
        let numbers = model.split { " \n".contains($0) }.dropFirst().compactMap { Double($0) }
        // Trained on headings of mean 0 and spread 0.3.
        #expect(numbers.count == 2 && abs(numbers[0]) < 0.1 && abs(numbers[1] - 0.3) < 0.1, "\(model)")
        let outcome = workshop.run(
            """
            export GENERA_PLUGINS=plugins
            set -e
            genera compass evaluate --reference east.headings --count 100 --json | grep -q '"resultant"'
            genera inspect turned.compass | grep -q 'model of compass'
            genera --generate-completion-script bash | grep -q rose
            printf "1\\nnorth\\n" > bad.headings
            ! genera compass rose bad.headings --out x.csv 2> told
            grep -q 'line 2 is no angle' told
            ! genera compass roes 2> told
            grep -q "Did you mean 'rose'" told
            printf "sectors: 3\\n" > rose.yaml
            genera compass rose east.headings --config rose.yaml --out three.csv
            test $(wc -l < three.csv) = 4
            """, in: "mixture")
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// The guide's last family: samples read back, a measure of its own, a schedule that was optimised.
    @Test func whatIsReadBackMeasuredAndOptimisedIsRight() throws {
        let table = try String(contentsOfFile: "\(workshop.package)/centres.csv", encoding: .utf8)
        let counts = table.split(separator: "\n").dropFirst().compactMap { Int($0.split(separator: ",").last ?? "") }
        #expect(counts.count == 8 && counts.reduce(0, +) == 400, "\(table)")
        let schedule = try ScheduleFile(path: "\(workshop.package)/six.yaml")
        let errors = ["error-before", "error-after", "held-out-before", "held-out-after"].compactMap { key in
            schedule.facts.first { $0.key == key }.flatMap { Double($0.value) }
        }
        #expect(schedule.levels.count == 6 && schedule.levels.first == 1)
        #expect(errors.count == 4 && errors[1] < errors[0] && errors[3] < errors[2], "\(errors)")
        let told = workshop.run(
            """
            export GENERA_PLUGINS=.build/genera
            genera evaluate ring --count 100 --json | grep -o '"name": "[a-z-]*"' | head -2
            printf '1 2\n3\n' > bad.ring
            genera ring centres bad.ring --out bad.csv
            """, in: "mixture")
        #expect(told.output.contains("\"shares\""), "\(told)")
        #expect(told.status == 65 && told.complaint.contains("line 2 is no point"), "\(told)")
    }

    @Test func bothWaysDrawTheSamePictures() throws {
        let outcome = workshop.run(
            """
            set -e
            .build/release/genera-mixture sample mixture --count 300 --seed 3 --out one.npy
            genera --plugin .build/release/libMixture.so sample mixture --count 300 --seed 3 --out two.npy
            GENERA_PLUGINS=plugins genera sample mixture --indices 0-99 --seed 3 --workers 1 --out part.npy
            cmp one.npy two.npy
            """, in: "mixture")
        #expect(outcome.status == 0, "\(outcome)")
        let all = try NPY.read(path: "\(workshop.package)/one.npy").doubles()
        let part = try NPY.read(path: "\(workshop.package)/part.npy").doubles()
        #expect(part.count == 200 && part == Array(all.prefix(200)))
    }

    @Test func aStoppedTrainingGoesOnToTheSameBits() throws {
        let outcome = workshop.run(
            """
            set -e
            p=.build/release/genera-mixture
            options='--steps 40 --batch-size 64 --checkpoint-every 10 --preview-every 0'
            $p train mixture $options --out whole
            $p train mixture $options --out parts --max-minutes 0.00001
            grep -q '"step": 40' parts/metrics.jsonl && exit 3
            $p train parts --max-minutes 60
            """, in: "mixture")
        #expect(outcome.status == 0, "\(outcome)")
        let store = CheckpointStore(folders: [])
        let (whole, parts) = try (store.load(file("whole")), store.load(file("parts")))
        #expect(
            try whole.weights.map { try $0.tensor.floats() }
                == parts.weights.map { try $0.tensor.floats() })
    }

    private func file(_ run: String) -> String { "\(workshop.package)/\(run)/model.safetensors" }

    @Test func badWordsGetGoodAnswers() {
        let cases = [
            ("sample mixtures", 64, "Did you mean 'mixture'?"),
            ("sample mixture --steps 0", 64, "--steps must be at least 1"),
            ("sample mixture --stesp 3", 64, "--steps"), ("sample mixture --checkpoint run", 64, "reads none"),
            ("sample mixture --trained --checkpoint nowhere/x", 66, "no such checkpoint"),
        ]
        for (words, status, part) in cases {
            let outcome = workshop.run("\(workshop.package)/.build/release/genera-mixture \(words) --out bad.png")
            #expect(outcome.status == Int32(status) && outcome.error.contains(part), "\(words): \(outcome)")
        }
        #expect(!FileManager.default.fileExists(atPath: workshop.folder.file("bad.png")))
    }

    @Test func aPictureDoesNotLoadThePluginItNames() {
        let outcome = workshop.run("genera reproduce loaded.png", in: "two-moons")
        #expect(outcome.status == 69 && outcome.complaint.contains("--plugin"), "\(outcome)")
    }

    @Test func theCommandPluginWritesTheSamePackage() {
        let outcome = workshop.run(
            """
            set -e
            swift package --allow-writing-to-package-directory new-family spirals
            genera plugin new spirals --genera \(workshop.repository) --into ../spirals
            diff -r spirals ../spirals
            ! swift package --allow-writing-to-package-directory new-family spirals
            ! swift package --allow-writing-to-package-directory new-family Spirals
            """, in: "mixture")
        #expect(outcome.status == 0, "\(outcome)")
    }
}
