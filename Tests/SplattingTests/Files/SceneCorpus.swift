import Foundation
import Genera
import Testing

@testable import Splatting

/// Small files as they were once written: later versions read them all the same.
enum SceneCorpus {
    /// Bytes in base64 by the ending they had; all hold `Scenes.random(3, degree: 1, seed: 9)`.
    static let files: [(ending: String, base64: String)] = [
        (
            "compressed.ply",
            """
            cGx5CmZvcm1hdCBiaW5hcnlfbGl0dGxlX2VuZGlhbiAxLjAKZWxlbWVudCBjaHVuayAxCnByb3BlcnR5IGZsb2F0IG1pbl94CnBy\
            b3BlcnR5IGZsb2F0IG1pbl95CnByb3BlcnR5IGZsb2F0IG1pbl96CnByb3BlcnR5IGZsb2F0IG1heF94CnByb3BlcnR5IGZsb2F0\
            IG1heF95CnByb3BlcnR5IGZsb2F0IG1heF96CnByb3BlcnR5IGZsb2F0IG1pbl9zY2FsZV94CnByb3BlcnR5IGZsb2F0IG1pbl9z\
            Y2FsZV95CnByb3BlcnR5IGZsb2F0IG1pbl9zY2FsZV96CnByb3BlcnR5IGZsb2F0IG1heF9zY2FsZV94CnByb3BlcnR5IGZsb2F0\
            IG1heF9zY2FsZV95CnByb3BlcnR5IGZsb2F0IG1heF9zY2FsZV96CnByb3BlcnR5IGZsb2F0IG1pbl9yCnByb3BlcnR5IGZsb2F0\
            IG1pbl9nCnByb3BlcnR5IGZsb2F0IG1pbl9iCnByb3BlcnR5IGZsb2F0IG1heF9yCnByb3BlcnR5IGZsb2F0IG1heF9nCnByb3Bl\
            cnR5IGZsb2F0IG1heF9iCmVsZW1lbnQgdmVydGV4IDMKcHJvcGVydHkgdWludCBwYWNrZWRfcG9zaXRpb24KcHJvcGVydHkgdWlu\
            dCBwYWNrZWRfcm90YXRpb24KcHJvcGVydHkgdWludCBwYWNrZWRfc2NhbGUKcHJvcGVydHkgdWludCBwYWNrZWRfY29sb3IKZWxl\
            bWVudCBzaCAzCnByb3BlcnR5IHVjaGFyIGZfcmVzdF8wCnByb3BlcnR5IHVjaGFyIGZfcmVzdF8xCnByb3BlcnR5IHVjaGFyIGZf\
            cmVzdF8yCnByb3BlcnR5IHVjaGFyIGZfcmVzdF8zCnByb3BlcnR5IHVjaGFyIGZfcmVzdF80CnByb3BlcnR5IHVjaGFyIGZfcmVz\
            dF81CnByb3BlcnR5IHVjaGFyIGZfcmVzdF82CnByb3BlcnR5IHVjaGFyIGZfcmVzdF83CnByb3BlcnR5IHVjaGFyIGZfcmVzdF84\
            CmVuZF9oZWFkZXIKOOXMv387tL+6ubi/+A2MP4TUgD8AOzxARbDGwBdtz8DqU8bAnGDfv2DEjL62SyPAHL2ZPnrbAD8cfbw+H9TG\
            PnkkPz8bPwM/CQDg/0MXM2oAoPn/qwD/nwD4P1C6A1uT//8fkPH/3AD/jw8AUMsjtJ4EAAB06gD/jm6PloZng4p+j3FmZnuKlXuS\
            a2hjfnyab3KL
            """
        ),
        (
            "spz",
            """
            H4sIAAAAAAAAAwFkAJv/TkdTUAIAAAADAAAAAQwAAIIRAIcWAMsWAOTz/+Xv/xcXAGPm/8cDAPHQ/6vxdGyhbmScgXCAgISIPWWc\
            dz04X9+3Rl7YzVAqREgocMhoWMAgeEDoKMCQkBio0NCIwOCQuBDwsO5fc6NkAAAA
            """
        ),
        (
            "spz",
            """
            H4sIAAAAAAAAAwFnAJj/TkdTUAMAAAADAAAAAQwAAIIRAIcWAMsWAOTz/+Xv/xcXAGPm/8cDAPHQ/6vxdGyhbmScgXCAgISIPWWc\
            dz04X6MMrRPK6BZsQkPVUEgocMhoWMAgeEDoKMCQkBio0NCIwOCQuBDwsIqakGhnAAAA
            """
        ),
        (
            "spz",
            """
            TkdTUAQAAAADAAAAAQwABiAAAAAAAAAAAAAAAAAAAAAkAAAAAAAAABsAAAAAAAAADAAAAAAAAAADAAAAAAAAABIAAAAAAAAACQAA\
            AAAAAAASAAAAAAAAAAkAAAAAAAAAFQAAAAAAAAAMAAAAAAAAACQAAAAAAAAAGwAAAAAAAAAotS/9IBvZAACCEQCHFgDLFgDk8//l\
            7/8XFwBj5v/HAwDx0P8otS/9IAMZAACr8XQotS/9IAlJAABsoW5knIFwgIAotS/9IAlJAACEiD1lnHc9OF8otS/9IAxhAACjDK0T\
            yugWbEJD1VAotS/9IBvZAABIKHDIaFjAIHhA6CjAkJAYqNDQiMDgkLgQ8LA=
            """
        ),
        (
            "splat",
            """
            3LhBv4TUgD+6ubi/WRTLPIV2Qj8VrJ89TLWC8KNdJzH4DYw/fzu0v+dbtr/szzI+nQxjPh5NBTtavl2rnN9IuTjlzL9QzHG+ADs8\
            QI7OAzvln8g6Q8KIPGOAf3O5UNW7
            """
        ),
        (
            "safetensors",
            """
            AAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJnZW5lcmEuY29uZmlndXJhdGlvbiI6IntcImRlZ3JlZVwiOiAxLCBcImFudGlhbGlh\
            c2VkXCI6IGZhbHNlfSIsImdlbmVyYS5mYW1pbHkiOiJzcGxhdCIsImdlbmVyYS52ZXJzaW9uIjoiMC4zLjAifSwibWVhbnMiOnsi\
            ZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzMsM10sImRhdGFfb2Zmc2V0cyI6WzAsMzZdfSwib3BhY2l0aWVzIjp7ImR0eXBlIjoiRjMy\
            Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbMzYsNDhdfSwicXVhdHMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzMsNF0s\
            ImRhdGFfb2Zmc2V0cyI6WzQ4LDk2XX0sInNjYWxlcyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMywzXSwiZGF0YV9vZmZzZXRz\
            IjpbOTYsMTMyXX0sInNoMCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMywxLDNdLCJkYXRhX29mZnNldHMiOlsxMzIsMTY4XX0s\
            InNoTiI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMywzLDNdLCJkYXRhX29mZnNldHMiOlsxNjgsMjc2XX19ICAgICAgIPgNjD9/\
            O7S/51u2v9y4Qb+E1IA/urm4vzjlzL9QzHG+ADs8QGjINz/C6DRA4Dg/vuBOlT6sk3c/ktoPv+gMFD/UTs8+sFfFvl6Hf7/iXmK/\
            6BjrPnSMxL7ECjA/lEz1Ppxg37+YzsC/6lPGwNOgbMBgxIy+tksjwEWwxsAXbc/AWveCwBBvA7+Q1V8/P1LvvuBANb/QNEE/ECM4\
            Pdiqyr7AgUI8AHL9Oiym7z7ExzE/kKvwPQSaC7+QYUU+4I2iPry19T5YHUG/cKZmvaSz/j5DY0u/Em0qP7tG776AGwy+MN4Yvnvx\
            Tr/k2ak+qFoXP5mZI7+gl0a9TrAEv7EbQL+Ymfm9jALavhAqY7+qclc/rEizPg==
            """
        ),
    ]
}

struct SceneCorpusTests {
    @Test("Files of earlier versions are read", arguments: SceneCorpus.files.indices)
    func read(index: Int) throws {
        let (ending, base64) = SceneCorpus.files[index]
        let bytes = try #require(Data(base64Encoded: base64))
        let read = Scenes.sorted(try Scenes.read(Array(bytes), named: "scene.\(ending)").splats)
        let wanted = Scenes.sorted(Scenes.random(3, degree: 1, seed: 9).splats)
        let first = Splats.Plane.harmonics
        #expect(read.count == 3 && read.degree == (ending == "splat" ? 0 : 1))
        #expect(Scenes.difference(read, wanted, 0..<3) < 0.006 && Scenes.difference(read, wanted, 3..<6) < 0.04)
        #expect(Scenes.angle(read, wanted) < 0.2 && Scenes.difference(read, wanted, first..<first + 3) < 0.02)
        if read.degree == 1 { #expect(Scenes.difference(read, wanted, first + 3..<wanted.planeCount) < 0.04) }
    }
}
