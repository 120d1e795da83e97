r"""What every document of ours begins with: packages, status marks, and the look of an entry."""

from __future__ import annotations

__all__ = ["PREAMBLE", "STATUS"]

#: the marks of the outcomes; `\checkmark` and `\circledcirc` are from amssymb
STATUS = r"""% status marks
\providecommand{\statusmark}[2]{\mbox{#1\enspace\textsf{#2}}}
\providecommand{\holds}{\statusmark{\ensuremath{\checkmark}}{holds}}
\providecommand{\holdsif}{\statusmark{\ensuremath{\circledcirc}}{holds if}}
\providecommand{\fails}{\statusmark{\ensuremath{\times}}{fails}}
\providecommand{\undetermined}{\statusmark{\textbf{?}}{open}}
\providecommand{\imported}{\statusmark{\ensuremath{\to}}{cited}}
"""

PREAMBLE = (
    r"""\documentclass[11pt,a4paper]{article}
\usepackage{amsmath,amssymb,booktabs,longtable}
\usepackage[left=38mm,right=22mm,top=25mm,bottom=27mm]{geometry}
\IfFileExists{microtype.sty}{\usepackage{microtype}}{}
\usepackage[hidelinks,pdftitle={Optimal stopping in latent diffusion models: what holds}]{hyperref}
\allowdisplaybreaks
\raggedbottom
% tolerances: a line may be 1pt too wide; loose lines are accepted, as long formulas cannot be hyphenated
\hfuzz=1pt \vfuzz=1pt \hbadness=10000 \vbadness=10000 \emergencystretch=4em
% formulas in a line break at relations rather than inside brackets
\binoppenalty=9000 \relpenalty=300
"""
    + STATUS
    + r"""% entries
\newenvironment{claim}[4]{\par\addvspace{3.5ex plus 1ex}\noindent\phantomsection\label{claim:#2}%
  \makebox[0pt][r]{\footnotesize#1\hspace{1.2em}}{\raggedright\textbf{#4}\enspace{\footnotesize\texttt{#3}}\par}%
  \nobreak\smallskip}{\par}
\newcommand{\said}[1]{\par\noindent\textit{#1.}\enspace\ignorespaces}
\newcommand{\by}[1]{\unskip\enspace{\footnotesize\textsf{[#1]}}}
\newcommand{\claimref}[2]{\hyperref[claim:#1]{\texttt{#2}}}
\newcommand{\ruleref}[1]{\hyperref[rule:#1]{rule \textit{#1}}}
\newcounter{step}
\newenvironment{steps}{\begin{list}{(\roman{step})}{\usecounter{step}\setlength{\leftmargin}{2.6em}%
  \setlength{\labelwidth}{2em}\setlength{\labelsep}{0.6em}\setlength{\itemsep}{0.4ex}\setlength{\parsep}{0pt}%
  \setlength{\topsep}{0.4ex}}}{\end{list}}
\newenvironment{conventions}{\begin{list}{}{\setlength{\leftmargin}{2.6em}\setlength{\labelwidth}{2em}%
  \setlength{\labelsep}{0.6em}\setlength{\itemsep}{0.3ex}\setlength{\parsep}{0pt}\setlength{\topsep}{0.6ex}}}{\end{list}}
\setlength{\parindent}{1.2em}
"""
)
